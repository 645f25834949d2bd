"""Reads the runs of a MongoDB database, with one query for the runs and one for all of their metrics."""

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import incense
from incense.experiment import Experiment
from pymongo.database import Database
from pymongo.errors import PyMongoError

from analysis.sources.metrics import Columns, Metrics, are_points
from observers.mongodb.address import read_address
from observers.stored_runs.runs_directory import id_order

_TIMEOUT_MS = 5000


def read_mongodb(url: str) -> list[Experiment]:
    """Read all runs that have started, in the order of their ids, without executing what a document may hold.

    Raises:
        ValueError: the URL is not valid.
        ConnectionError: the database does not answer.
    """
    address = read_address(url)
    try:
        loader = _Loader(
            mongo_uri=address.url,
            db_name=address.database,
            unpickle=False,  # jsonpickle would execute it
            serverSelectionTimeoutMS=_TIMEOUT_MS,
        )
        experiments = sorted(loader.find({"status": {"$ne": "QUEUED"}}), key=lambda run: id_order(run.id))
    except PyMongoError as error:
        raise ConnectionError(f"MongoDB does not answer ({type(error).__name__})") from None
    if experiments:
        metrics = _StoredMetrics(experiments[0]._database, [experiment.id for experiment in experiments])
        for experiment in experiments:
            experiment._metrics = metrics.of_run(experiment.id)
    return experiments


class _Loader(incense.ExperimentLoader):
    """Reads documents that lack what incense needs, too: those of other tools."""

    def _make_experiment(self, experiment: dict[str, Any]) -> Experiment:
        artifacts = experiment.get("artifacts")
        complete = {"config": {}, "info": {}, **experiment, "artifacts": artifacts if artifacts else []}
        if not isinstance(complete["_id"], Hashable):
            complete["_id"] = str(complete["_id"])
        return super()._make_experiment(complete)


class _StoredMetrics:
    """The metrics of many runs, read together at the first access to one."""

    def __init__(self, database: Database, run_ids: Sequence[Any]) -> None:
        self._database = database
        self._run_ids = run_ids

    def of_run(self, run_id: Any) -> Metrics:
        """Return the metrics of a run."""
        return Metrics(lambda: self._points.get(run_id, {}), lambda: self._last.get(run_id, {}))

    @cached_property
    def _points(self) -> Mapping[Any, Mapping[str, Columns]]:
        points: dict[Any, dict[str, Columns]] = {}
        for document in self._find({"steps": 1, "values": 1}):
            points.setdefault(document["run_id"], {})[document["name"]] = (document["steps"], document["values"])
        return points

    @cached_property
    def _last(self) -> Mapping[Any, Mapping[str, Any]]:
        last: dict[Any, dict[str, Any]] = {}
        for document in self._find({"values": {"$slice": -1}}):
            if document["values"]:
                last.setdefault(document["run_id"], {})[document["name"]] = document["values"][0]
        return last

    def _find(self, columns: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Find the metric documents of the runs; what another tool stored in another form is left out."""
        wanted = {"run_id": 1, "name": 1, **columns}
        try:
            found = list(self._database.metrics.find({"run_id": {"$in": list(self._run_ids)}}, wanted))
        except PyMongoError as error:
            raise ConnectionError(f"MongoDB does not answer ({type(error).__name__})") from None
        return [
            document
            for document in found
            if isinstance(document.get("name"), str)
            and isinstance(document.get("run_id"), Hashable)
            and isinstance(document.get("values"), list)
            and ("steps" not in columns or are_points(document.get("steps"), document["values"]))
        ]
