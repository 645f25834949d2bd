"""Runs read back from disk, complete or damaged."""
