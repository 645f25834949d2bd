"""The commands of `python -m observers`: each takes its arguments, prints, and returns the exit status."""
