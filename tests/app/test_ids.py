"""Ids are unlike each other and sort by time, whatever makes them."""

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor

from app import ids


def made(count: int) -> list[str]:
    return [ids.new("x") for _ in range(count)]


def test_ids_are_well_formed_and_sort_by_their_time() -> None:
    before = ids.new(ids.CUSTOMER)
    began = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == began:
        pass

    assert before < ids.new(ids.CUSTOMER)
    assert ids.is_well_formed(ids.CUSTOMER, before)


def test_many_at_once_are_all_different() -> None:
    with ThreadPoolExecutor(8) as threads:
        found = [one for some in threads.map(made, [2000] * 8) for one in some]

    assert len(set(found)) == 16_000
    # The last 16 characters are random: it is not the time that keeps them apart.
    assert len({one[-16:] for one in found}) == 16_000


def test_a_process_that_is_forked_makes_others_than_its_twin() -> None:
    ids.new("x")
    with multiprocessing.get_context("fork").Pool(2) as twins:
        first, second = twins.map(made, [50, 50], chunksize=1)

    assert not {one[-16:] for one in first} & {one[-16:] for one in second}
