"""This project's observers: a directory, and live delivery into MongoDB, which is read with `analysis`."""

import os

from tests.benchmarks.trackers.peers.sacred import ours

READER, record = ours.READER, ours.record


def count() -> int:
    """Count the points of all runs in the directory, which `sync` would deliver."""
    return ours.count()


def count_on_server() -> int:
    """Count the points of all runs in the database."""
    return ours.count_in(os.environ["MONGO_URL"])


def table() -> int:
    """Read the last values of all metrics from the database."""
    return ours.read_table(os.environ["MONGO_URL"])


def curve(name: str) -> int:
    """Read one metric of all runs from the database."""
    return ours.read_curve(os.environ["MONGO_URL"], name)
