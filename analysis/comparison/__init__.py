"""Answers what differs between runs, and whether a difference is more than chance."""
