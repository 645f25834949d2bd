"""The command line of an experiment: its options, streams and exit statuses, and everything that a run prints."""
