"""Compares the work tree of the project with its commit, whatever the config of git is."""
