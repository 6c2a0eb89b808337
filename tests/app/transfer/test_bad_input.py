"""Files that can't be read, or not to their end: told with the line before anything is stored."""

import gzip
import os
from pathlib import Path

import pytest

from app.errors import Unusable
from app.transfer import Source
from tests.app.transfer.conftest import Command, Place
from tests.app.transfer.resuming import importing

GOOD = "externalId,name\na,A\nb,B\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(GOOD.encode(), mtime=0)[:-12], "gzip data is damaged or ends too early, after line"),
        (b"", "line 1 is missing: the file is empty"),
        ("externalId,name\na,Zoë\n".encode("latin-1"), "line 2 is not UTF-8"),
        (GOOD.encode("utf-16"), "line 1 is UTF-16"),
        (b'externalId,name\na,A\nb,"B\nc,C\n', "line 3 opens a quotation mark that is never closed"),
        (b'externalId,name\na,"A"x\n', "line 2 is no CSV"),
        (b"name\nA\n", "Line 1 has no column externalId"),
        (b"externalId,name,name\na,A,B\n", "Line 1 has columns twice: 'name'"),
        (b"externalId,external_id\na,A\n", "Line 1 has columns twice: 'externalId', 'external_id'"),
        (b"externalId;name\na;A\n", "Line 1 has no commas, but ';'"),
        (b'[\n{"externalId": "a"}\n]\n', "line 1 begins a JSON array"),
        (b"externalId,nmae\na,A\n", "Line 1 has columns that are unknown: 'nmae'. Did you mean name?"),
        (b"externalId\n" + b"x" * (17 * 1024 * 1024), "line 2 is longer than 16,777,216 characters"),
        pytest.param(
            b'externalId\n"' + b"x\n" * (9 * 1024 * 1024),
            "line 2 begins a row of more than 16,777,216 characters",
            marks=pytest.mark.slow,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_row_can_be_blamed_for_is_told_with_its_line(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes(content)

    with pytest.raises(Unusable, match=r".") as error, Source.opened(str(file)):
        pass
    assert told in str(error.value)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "bad", [gzip.compress(GOOD.encode(), mtime=0)[:-12], GOOD.encode() + b"c,\xff\n", GOOD.encode() + b'c,"C\n']
)
async def test_of_a_file_that_is_bad_at_its_end_nothing_is_stored(place: Place, bad: bytes) -> None:
    with pytest.raises(Unusable, match="line"):
        await place.take(place.file(bad))
    assert await place.customers() == {}

    assert (await place.take(place.file(GOOD))).created == 2


@pytest.mark.anyio
async def test_marks_and_line_ends_of_every_system_are_read(place: Place) -> None:
    text = '\ufeffexternalId,name,metadata.note\r\na,A,"x\r\ny"\nb,B,\r\r\nc,C,"1\n2"'
    assert (await place.take(place.file(text))).created == 3

    stored = await place.customers()
    assert [stored[name]["metadata"] for name in "abc"] == [{"note": "x\r\ny"}, {}, {"note": "1\n2"}]


@pytest.mark.anyio
async def test_a_row_of_ten_megabytes_is_one_refused_row(place: Place) -> None:
    path = place.file(f"externalId,name\na,{'x' * 10_000_000}\nb,B\n")
    counts = await place.take(path)

    assert (counts.created, counts.refused) == (1, 1)
    refused = place.refused(path)
    assert len(refused) > 10_000_000
    assert "2,name,TOO_LONG," in refused


@pytest.mark.slow
def test_rows_of_ten_megabytes_do_not_pile_up_in_memory(command: Command, own_database: str, tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    with file.open("w") as opened:
        opened.writelines(f'{{"externalId": "{n}", "metadata": {{"key": "{"é" * 10_000_000}"}}}}\n' for n in range(20))
    with importing(own_database, file) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)

    assert process.returncode == 1
    assert used.ru_maxrss < 700_000  # kilobytes


def test_a_file_that_is_written_to_meanwhile_is_not_read_on(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text(GOOD)
    with Source.opened(str(file)) as source:
        rows = source.rows()
        next(rows)
        file.write_text(GOOD * 2)
        os.utime(file, (1, 1))
        with pytest.raises(Unusable, match="was changed while it was read, somewhere before line 3"):
            source.check_unchanged()
