"""The benchmark of observing still runs."""

import pytest

from tests.benchmarks import observing


def test_observing(capsys: pytest.CaptureFixture[str]) -> None:
    observing.main(requests=3)

    assert len(capsys.readouterr().out.splitlines()) == 6
