"""The config of a run as people write it in files."""
