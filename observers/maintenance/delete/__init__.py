"""Deletes recorded runs, on disk and in MongoDB."""
