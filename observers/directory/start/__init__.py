"""Gives a new run its directory and its id."""
