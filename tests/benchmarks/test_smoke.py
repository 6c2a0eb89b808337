"""The benchmarks still run. How fast is for whoever runs them by hand."""

import pytest

from tests.benchmarks import bulk

# Each starts processes of its own.
pytestmark = pytest.mark.slow


def test_bulk(capsys: pytest.CaptureFixture[str]) -> None:
    bulk.main(rows=3, rounds=1)

    assert capsys.readouterr().out.count("createCustomers") == 2
