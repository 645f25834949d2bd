"""Compares recorded runs: reads them from directories or MongoDB, and makes tables and pictures."""
