"""The benchmark of completing still runs, and shows that both ways have the same answer."""

import pytest

from tests.benchmarks import completing


def test_completing(capsys: pytest.CaptureFixture[str]) -> None:
    completing.main(rows=2, times=1, rounds=1)

    assert len(capsys.readouterr().out.splitlines()) == 9
