"""Reads files that strangers may have changed: nothing outside of a directory, nothing without bounds."""
