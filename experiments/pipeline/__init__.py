"""One training, from its config to its result."""
