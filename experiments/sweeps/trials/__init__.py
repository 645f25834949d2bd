"""The trials of a search in the process of a run: their journal, and the judge of each."""
