"""Reads runs from a directory or from MongoDB as experiments of incense, points only where they are asked for."""
