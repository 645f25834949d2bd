"""Searches: Optuna chooses the next run of a sweep by how the earlier ones ended, and prunes runs."""
