"""Runs, deliveries and deletions that are disturbed: the scenarios of `tests.benchmarks.faults`."""
