"""The command line of an experiment: its options and exit statuses, and everything that a run prints."""
