"""Serving the network of a run on a cloud: the commands, what a cloud must do, and a folder for each cloud."""
