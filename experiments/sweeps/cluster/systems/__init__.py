"""Jobs of batch systems, and the options of these."""
