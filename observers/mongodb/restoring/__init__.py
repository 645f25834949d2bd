"""Files of a run directory, made again from what MongoDB holds of the run."""
