"""Fuzzing is left out where the extra `fuzz` is not installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("schemathesis") else ["test_*.py"]
