"""The benchmark of lists still runs. What it prints at its real size is for whoever runs it by hand."""

import pytest

from tests.benchmarks import listing


@pytest.mark.slow
def test_listing(capsys: pytest.CaptureFixture[str]) -> None:
    listing.main(small=60, large=300, rounds=1)

    printed = capsys.readouterr().out
    assert [question.name for question in listing.questions() if printed.count(f"| {question.name} ") != 2] == []
