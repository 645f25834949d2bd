"""Trackers that write files or a database which people open with other tools."""
