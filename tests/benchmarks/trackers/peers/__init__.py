"""The trackers, one module each."""
