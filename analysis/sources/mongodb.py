"""Reads the runs of a MongoDB database, with a query for the runs, and one for what is asked of their metrics.

That is the last values, the points of all metrics, or those of each metric that a run is asked for first.
"""

from collections.abc import Hashable, Mapping
from functools import cached_property
from typing import Any

import incense
from incense.experiment import Experiment
from pymongo.database import Database
from pymongo.errors import PyMongoError

from analysis.sources.metrics import Curve, Metrics, are_points
from analysis.sources.run_data import RunData, plain
from observers.errors import problem_of
from observers.mongodb.address import LONGEST_WAIT, read_address
from observers.stored_runs.runs_directory import id_order

_TIMEOUT_MS = int(LONGEST_WAIT * 1000)


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
            **address.waits(_TIMEOUT_MS),
        )
        experiments = sorted(loader.find({"status": {"$ne": "QUEUED"}}), key=lambda run: id_order(run.id))
    except PyMongoError as error:
        raise ConnectionError(f"MongoDB {problem_of(error)}") from None
    if experiments:
        metrics = _StoredMetrics(
            experiments[0]._database, {experiment.id: plain(experiment, "info") for experiment in experiments}
        )
        for experiment in experiments:
            experiment._metrics = metrics.of_run(experiment.id)
    return experiments


class _Loader(incense.ExperimentLoader):
    """Reads documents that lack what incense needs, too, those of other tools; and freezes what is asked for."""

    def _make_experiment(self, experiment: dict[str, Any]) -> Experiment:
        artifacts = experiment.get("artifacts")
        complete = {"config": {}, "info": {}, **experiment, "artifacts": artifacts if artifacts else []}
        if not isinstance(complete["_id"], Hashable):
            complete["_id"] = str(complete["_id"])
        data = RunData(complete)
        made = Experiment(
            complete["_id"], self._database, self._grid_filesystem, data, complete["artifacts"], loader=self
        )
        made.to_dict = data.to_dict
        return made


class _StoredMetrics:
    """The metrics of many runs, read together at the first access to one."""

    def __init__(self, database: Database, infos: Mapping[Any, Any]) -> None:
        """Prepare to read the metrics of the runs with these ids, whose infos tell which metrics are theirs."""
        self._database = database
        self._infos = infos
        self._named: dict[str, Mapping[Any, Curve]] = {}

    def of_run(self, run_id: Any) -> Metrics:
        """Return the metrics of a run."""
        return Metrics(
            lambda: self._points.get(run_id, {}),
            lambda: self._last.get(run_id, {}),
            lambda name: self._points_of(name).get(run_id),
        )

    def _points_of(self, name: str) -> Mapping[Any, Curve]:
        if name not in self._named:
            found = self._find({"steps": 1, "values": 1}, {"name": name})
            self._named[name] = {each["run_id"]: (each["steps"], each["values"]) for each in found}
        return self._named[name]

    @cached_property
    def _points(self) -> Mapping[Any, Mapping[str, Curve]]:
        points: dict[Any, dict[str, Curve]] = {}
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

    def _find(self, columns: Mapping[str, Any], where: Mapping[str, Any] | None = None) -> list[Mapping[str, Any]]:
        """Find the metric documents of the runs; what another tool stored in another form is left out."""
        wanted = {"run_id": 1, "uuid": 1, "name": 1, **columns}
        try:
            found = list(self._database.metrics.find({"run_id": {"$in": list(self._infos)}, **(where or {})}, wanted))
        except PyMongoError as error:
            raise ConnectionError(f"MongoDB {problem_of(error)}") from None
        return [
            document
            for document in found
            if isinstance(document.get("name"), str)
            and isinstance(document.get("run_id"), Hashable)
            and isinstance(document.get("values"), list)
            and self._is_of_its_run(document)
            and ("steps" not in columns or are_points(document.get("steps"), document["values"]))
        ]

    def _is_of_its_run(self, document: Mapping[str, Any]) -> bool:
        """Tell whether a metric is of the run with its `run_id`, and not of another that had the same id before."""
        info = self._infos.get(document["run_id"])
        uuid = info.get("uuid") if isinstance(info, Mapping) else None
        if uuid is None or "uuid" in document:
            return document.get("uuid") == uuid
        links = info.get("metrics") if isinstance(info, Mapping) else None  # of a run of an earlier version
        return any(str(link.get("id")) == str(document["_id"]) for link in links or () if isinstance(link, Mapping))
