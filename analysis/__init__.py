"""Runs compared: read with incense from directories or MongoDB, as tables and pictures."""
