"""What a sweep runs: its grid, and which of its runs are already recorded."""
