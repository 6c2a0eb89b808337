"""The benchmarks still run. How fast is for whoever runs them by hand."""

from pathlib import Path

import pytest

from tests.benchmarks import (
    bulk,
    committing,
    connections,
    creating,
    durable,
    enduring,
    profiling,
    reading,
    refusing,
    starting,
)
from tests.graph.limits.attacks import ATTACKS

# Each starts processes of its own.
pytestmark = pytest.mark.slow

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def every_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """A benchmark gives up a core for good; the tests after it want them all."""
    monkeypatch.setattr("tests.benchmarks.running.CORES", [])


def test_bulk(capsys: Printed) -> None:
    bulk.main(rows=3, rounds=1)

    assert capsys.readouterr().out.count("createCustomers") == 2


def test_committing(capsys: Printed) -> None:
    committing.main(2, 1)

    assert capsys.readouterr().out.count("group commit") == 8


def test_creating(capsys: Printed) -> None:
    creating.main(seconds=0, rounds=1, connections=2)

    assert capsys.readouterr().out.count(" stored of ") == 6


def test_durable(capsys: Printed) -> None:
    durable.main(0, 1, 2)

    assert capsys.readouterr().out.count(" stored; ") == 17


def test_reading(capsys: Printed) -> None:
    reading.main(rows=100, seconds=0, rounds=1, connections=2)

    assert capsys.readouterr().out.count("mixed") == 6


def test_connections(capsys: Printed, tmp_path: Path) -> None:
    connections.main(most=4, seconds=0, rounds=1, engines="sqlite", svg=tmp_path)

    assert capsys.readouterr().out.count(" connections ") == 6
    assert all("<svg" in file.read_text() for file in tmp_path.iterdir())


def test_enduring(capsys: Printed, tmp_path: Path) -> None:
    enduring.main(rows=40, sample=10, connections=2, svg=tmp_path)

    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["sqlite", "40"],
        ["postgresql", "40"],
    ]


def test_refusing(capsys: Printed) -> None:
    refusing.main(rounds=1, parents=2, children=1)

    told = {line[:44].strip(): line[44:] for line in capsys.readouterr().out.splitlines()}
    assert [name for name, attack in ATTACKS.items() if (attack.refused or "costs") not in told[name]] == []


def test_starting(capsys: Printed) -> None:
    starting.main(rounds=1)

    assert len(capsys.readouterr().out.splitlines()) == 3


def test_profiling(capsys: Printed) -> None:
    profiling.main(seconds=1, connections=2, top=5000)

    assert "graph/http.py" in capsys.readouterr().out
