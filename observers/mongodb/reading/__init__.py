"""Runs read from MongoDB, of which nothing else is on this machine."""
