"""Trackers of services, which write to the disk until somebody uploads it."""
