"""Sacred's MongoObserver, read with incense."""

import os
from typing import Any

from tests.benchmarks.trackers.inside.work import Work
from tests.benchmarks.trackers.peers.sacred import file_observer

READER = ("incense", "incense.query_set", "pandas")


def record(work: Work) -> None:
    """Write a run into the database."""
    from sacred.observers import MongoObserver

    file_observer.run(MongoObserver(url=os.environ["MONGO_URL"], db_name=_database()), work)


def count() -> int:
    """Count the points of all runs."""
    return count_on_server()


def count_on_server() -> int:
    """Count the points of all runs in the database."""
    return sum(len(metric) for run in _find_all() for metric in run.metrics.values())


def table() -> int:
    """Read the last values of all metrics."""

    def last(metric: Any) -> float:
        value: float = metric.iloc[-1]
        return value

    runs = _find_all()
    names = sorted({name for run in runs for name in run.metrics})
    rows = runs.project(on=["config.hidden", *({("metrics", name): last} for name in names)])
    return len(rows) * len(names)


def curve(name: str) -> int:
    """Read one metric of all runs."""
    return sum(len(run.metrics[name]) for run in _find_all())


def _database() -> str:
    return os.environ["MONGO_URL"].rpartition("/")[2]


def _find_all() -> Any:
    from incense import ExperimentLoader

    return ExperimentLoader(mongo_uri=os.environ["MONGO_URL"], db_name=_database()).find_all()
