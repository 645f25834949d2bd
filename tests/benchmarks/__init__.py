"""Benchmarks of speed and survival; README.md explains each."""
