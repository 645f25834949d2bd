"""Many runs: a grid of config entries, worker processes and a table of results."""
