"""Reads the values of a run, whoever recorded it: those of its table row."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import timedelta
from numbers import Real
from pathlib import Path
from typing import Any

from analysis.measures import result_metrics
from analysis.sources.metrics import last_values
from analysis.sources.run_data import plain
from observers.stored_runs.failure import failure_reason
from observers.stored_runs.liveness import read_time, status_now

OWN_COLUMNS = (
    *("status", "result", "best_step", "best_validation", "duration", "cpu_seconds", "name"),
    *("comment", "tags", "note", "reason", "parent", "code", "start", "run", "id", "tag"),
)
"""What is known of a run besides its config entries and metrics; the last three stand for the index and the tags."""

_LARGEST_STEP = 1 << 62


def row_of(experiment: Any) -> tuple[dict[str, Any], dict[str, float | None]]:
    """Return the columns of a run by name, and those of its metrics."""
    info, config, entry, meta = (
        _mapping(plain(experiment, name)) for name in ("info", "config", "experiment", "meta")
    )
    best_step = _number(info.get("best_step"))
    is_step = best_step is not None and best_step.is_integer() and abs(best_step) < _LARGEST_STEP
    validation = _validation(experiment, info, best_step)
    start, end = (_time(plain(experiment, name)) for name in ("start_time", "stop_time"))
    end = end or _time(plain(experiment, "heartbeat"))
    row = {
        "status": _status(experiment),
        "result": _number(plain(experiment, "result")),
        "best_step": int(best_step or 0) if is_step else None,
        "best_validation": validation,
        "duration": round((end - start).total_seconds(), 1) if start and end else None,
        "cpu_seconds": _number(info.get("cpu_seconds")),
        "name": _text(entry.get("name")),
        "comment": _text(meta.get("comment") or _mapping(meta.get("options")).get("--comment")),
        "tags": ", ".join(tags_of(experiment)),
        "note": _text(_mapping(plain(experiment, "omniboard")).get("notes")),
        "reason": failure_reason(_list(plain(experiment, "fail_trace"))),
        "parent": _text(_mapping(info.get("parent")).get("directory")),
        "code": _code(entry.get("repositories")),
        "start": start.isoformat(" ", "seconds") if start else "",
        **{column_of(name): _own(value) for name, value in sorted(config.items(), key=_name)},
    }
    last = {name: _number(value) for name, value in sorted(last_values(experiment.metrics).items())}
    if validation is not None:  # of the kept checkpoint, not of the last step; a resumed run may have no other
        tested = [name.replace("test/", "validation/") for name in result_metrics(last)]
        last.update(dict.fromkeys(result_metrics(last, "validation") or tested, validation))
    return row, {
        f"metric.{name}" if name in row or name in OWN_COLUMNS else name: value for name, value in last.items()
    }


def config_of(experiment: Any) -> Mapping[str, Any]:
    """Return the config of a run; it is empty if another tool recorded something else."""
    return _mapping(plain(experiment, "config"))


def parents_of(experiments: Iterable[Any]) -> dict[Any, Any]:
    """Return the id of the run that each run resumes, by its own; without those whose run is not among them."""
    ids: dict[str, Any] = {}
    parents: dict[Any, str] = {}
    for experiment in experiments:
        info = _mapping(plain(experiment, "info"))
        ids[_text(info.get("uuid"))] = experiment.id
        parents[experiment.id] = _text(_mapping(info.get("parent")).get("uuid"))
    return {run: ids[parent] for run, parent in parents.items() if parent and parent in ids}


def tags_of(experiment: Any) -> list[str]:
    """Return the tags of a run, in the order of the alphabet."""
    return sorted(map(str, _list(_mapping(plain(experiment, "omniboard")).get("tags"))))


def _status(experiment: Any) -> str | None:
    directory = getattr(experiment, "directory", None)  # of a document in MongoDB, a text if anything
    place = directory if isinstance(directory, Path) else None
    entry = {name: plain(experiment, name) for name in ("status", "process", "heartbeat", "start_time", "seen")}
    status = status_now(entry, directory=place)
    return status if isinstance(status, str) else None


def _validation(experiment: Any, info: Mapping[str, Any], best_step: float | None) -> float | None:
    """Return what chose the checkpoint; runs of earlier versions have it in their metrics only."""
    recorded = _number(info.get("best_validation"))
    if recorded is not None or best_step is None:
        return recorded
    for metric in result_metrics(last_values(experiment.metrics), "validation"):
        points = experiment.metrics[metric]
        return next((_number(value) for step, value in points.items() if step == best_step), None)
    return None


def _time(value: Any) -> Any:
    """Read a time; MongoDB keeps milliseconds."""
    time = read_time(value)
    return time - timedelta(microseconds=time.microsecond % 1000) if time else None


def column_of(name: str) -> str:
    """Return the column of a config entry, which may have the name of another one."""
    return f"config.{name}" if name in OWN_COLUMNS else str(name)


def _code(repositories: Any) -> str:
    """Name the state of the code: the beginning of the commit, and + if the sources differ from it."""
    try:
        [repository] = repositories
        return f"{repository['commit'][:7]}{'+' if repository['dirty'] else ''}"
    except (TypeError, ValueError, KeyError):  # no repository, or recorded by another tool
        return ""


def _name(item: tuple[Any, Any]) -> str:
    return str(item[0])


def _own(value: Any) -> Any:
    """Return a value that the caller may change."""
    return deepcopy(value) if isinstance(value, list | dict) else value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, (dict, Mapping)) else {}  # the first is the quicker question


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    """Return a number, None in place of anything else."""
    if type(value) is float:
        return value
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else None
