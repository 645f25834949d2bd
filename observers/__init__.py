"""Records Sacred runs in a directory, and delivers them into MongoDB; independent of the rest of this project."""
