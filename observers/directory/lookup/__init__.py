"""Looks up single metrics and last values in journals."""
