"""Benchmarks: each is a module of its own, run with ``python -m bench.NAME``, and prints one table."""
