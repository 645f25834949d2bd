"""Trackers that are observers of Sacred, this project among them."""
