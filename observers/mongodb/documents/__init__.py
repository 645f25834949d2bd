"""The parts of a run in MongoDB: its document, its metrics, its files, its tags and notes."""
