"""Runs that the benchmarks record, each in a process of its own."""
