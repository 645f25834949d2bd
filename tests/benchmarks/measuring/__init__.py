"""What the benchmarks share: their command line, processes that are measured, and comparisons with peers."""
