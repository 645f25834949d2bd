"""This project's observers: a directory, and live delivery into MongoDB, which is read with `analysis`."""

import os

from tests.benchmarks.trackers.inside.work import Work
from tests.benchmarks.trackers.peers.sacred import ours

READER = ours.READER


def record(work: Work) -> None:
    """Write a run into runs/ and the database."""
    from observers.directory.observer import RunDirectoryObserver
    from observers.mongodb.address import read_address
    from observers.mongodb.live import LiveDeliveryObserver

    directory = RunDirectoryObserver("runs", copy_output=True)
    ours.run([directory, LiveDeliveryObserver(directory, read_address(os.environ["MONGO_URL"]))], work)


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
