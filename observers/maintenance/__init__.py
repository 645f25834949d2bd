"""The commands for recorded runs: sync, list, reap and delete."""
