"""Servers to be measured beside ours, each started as `python -m tests.benchmarks.contenders.NAME PORT`."""
