"""A run on disk: the run directory is the single source of truth about the run."""
