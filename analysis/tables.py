"""Lays out runs as tables, one row for each run."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from numbers import Real
from typing import Any

import pandas as pd
from pyrsistent import thaw

from analysis.measures import RESULTS, result_metrics
from analysis.sources.metrics import last_values
from observers.stored_runs.failure import failure_reason
from observers.stored_runs.liveness import is_running, read_time

_FIRST = ("task", "head", "language")  # most other entries follow from these
_OWN = (
    *("status", "result", "best_step", "best_validation", "duration", "cpu_seconds", "name"),
    *("comment", "tags", "note", "reason", "parent", "code", "start", "run", "id", "tag"),
)
_LARGEST_STEP = 1 << 62
_FLOATS = ("result", "best_validation", "duration", "cpu_seconds")


def table(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay out how each run ended and what it cost, every config entry, and every metric.

    Args:
        experiments: incense's, see load_runs; also those that another tool recorded.

    Returns:
        One row for each run, by id, with these columns. What is not of the expected kind, such as a result that is a
        text, is missing.

        - `status`; a run whose process is gone is DEAD. `reason` is why a run failed.
        - `result`, and `best_validation`, the same measure of the kept checkpoint, of step `best_step`, on the
          validation words.
        - `duration` and `cpu_seconds`, in seconds; `start`, in UTC.
        - `name` of the experiment, `comment`, `tags` and `note`.
        - `code`: the beginning of the commit, with `+` if the sources differ from it.
        - `parent`: the directory of the run that this one resumes.
        - the config entries; one with a name from above begins with `config.`.
        - the last value of each metric, such as `test/accuracy`; one with the name of another column begins with
          `metric.`. The validation of the result is that of the kept checkpoint.
    """
    rows = {experiment.id: _row(experiment) for experiment in experiments}
    if not rows:
        return pd.DataFrame(columns=[*_OWN[: _OWN.index("run")], "task"]).rename_axis("run")
    laid_out = pd.DataFrame.from_dict(
        {run: {**row, **metrics} for run, (row, metrics) in rows.items()}, orient="index", dtype=object
    )  # whole numbers stay whole beside missing ones
    names = dict.fromkeys(name for _, metrics in rows.values() for name in metrics)
    kinds = {"best_step": "Int64", **dict.fromkeys((*_FLOATS, *names), float)}
    return laid_out.rename_axis("run").astype(kinds)


def config_entries(experiments: Iterable[Any]) -> list[str]:
    """List the config entries of any run, in alphabetical order, by the names of their columns."""
    configs = (_mapping(getattr(experiment, "config", None)) for experiment in experiments)
    return sorted({_column(name) for config in configs for name in config})


def differing(runs: pd.DataFrame, entries: Sequence[str]) -> list[str]:
    """List the entries in which any two runs differ."""
    return [entry for entry in entries if runs[entry].map(str).nunique() > 1]


def differing_within(
    runs: pd.DataFrame, entries: Sequence[str], by: Sequence[str], over: Sequence[str] = ()
) -> list[str]:
    """List the entries, other than the seed, in which runs differ that agree in `by`; runs are not mixed over them.

    An entry that follows from those before it, such as the defaults of a head, is left out. One that is folded
    (`over`) takes what follows from it along.
    """
    texts = runs[list(entries)].map(str)
    found: list[str] = []
    for entry in sorted(set(entries) - {*by, *over, "seed"}, key=lambda entry: (_rank(entry), entry)):
        if _differs_within(texts, entry, [*by, *found]) and _differs_within(texts, entry, [*by, *found, *over]):
            found.append(entry)
    return found


def overview(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay out how runs differ, how they ended, and what was measured.

    Returns:
        One row for each run: its status; the config entries in which the runs differ, without those that follow from
        others; the measures of the kept checkpoint on the splits `validation`, `test` and `extrapolation`; `result` of
        runs that another tool recorded; the step of the checkpoint, the duration in seconds; and, if any run has them
        or they differ, name, comment, tags, note, code, `parent` and `reason`.
    """
    experiments = list(experiments)
    everything = table(experiments)
    entries = config_entries(experiments)
    seeds = [name for name in ("seed",) if name in differing(everything, [name] if name in entries else [])]
    measured = [name for split in ("validation", "test", "extrapolation") for name in _shown(everything, split)]
    in_tests = everything[[name for name in measured if name.startswith("test/")]].notna().any(axis=1)
    elsewhere = ["result"] if (everything["result"].notna() & ~in_tests).any() else []
    told = [name for name in ("comment", "tags", "note", "parent", "reason") if everything[name].astype(bool).any()]
    differ = [name for name in ("name", "code") if everything[name].nunique(dropna=False) > 1]
    columns = ["status", *differing_within(everything, entries, []), *seeds, *measured, *elsewhere]
    columns += ["best_step", "duration", *differ, *told]
    return everything[columns]


def _shown(everything: pd.DataFrame, split: str) -> list[str]:
    """List the measures of a split that an overview shows, those with a value."""
    measures = (*RESULTS, "exact") if split != "validation" else tuple(RESULTS)
    names = [f"{split}/{measure}" for measure in measures]
    return [name for name in names if name in everything and everything[name].notna().any()]


def _row(experiment: Any) -> tuple[dict[str, Any], dict[str, float | None]]:
    """Return the columns of a run by name, and those of its metrics."""
    info, config = _mapping(getattr(experiment, "info", None)), _mapping(getattr(experiment, "config", None))
    entry, meta = _mapping(getattr(experiment, "experiment", None)), _mapping(getattr(experiment, "meta", None))
    best_step = _number(info.get("best_step"))
    is_step = best_step is not None and best_step.is_integer() and abs(best_step) < _LARGEST_STEP
    validation = _validation(experiment, info, best_step)
    start, end = (_time(getattr(experiment, name, None)) for name in ("start_time", "stop_time"))
    end = end or _time(getattr(experiment, "heartbeat", None))
    row = {
        "status": _status(experiment),
        "result": _number(getattr(experiment, "result", None)),
        "best_step": int(best_step or 0) if is_step else None,
        "best_validation": validation,
        "duration": round((end - start).total_seconds(), 1) if start and end else None,
        "cpu_seconds": _number(info.get("cpu_seconds")),
        "name": _text(entry.get("name")),
        "comment": _text(meta.get("comment") or _mapping(meta.get("options")).get("--comment")),
        "tags": ", ".join(tags_of(experiment)),
        "note": _text(_mapping(getattr(experiment, "omniboard", None)).get("notes")),
        "reason": failure_reason(_list(getattr(experiment, "fail_trace", None))),
        "parent": _text(_mapping(info.get("parent")).get("directory")),
        "code": _code(entry.get("repositories")),
        "start": start.isoformat(" ", "seconds") if start else "",
        **{_column(name): thaw(value) for name, value in sorted(config.items(), key=str)},
    }
    last = {name: _number(value) for name, value in sorted(last_values(experiment.metrics).items())}
    if validation is not None:  # of the kept checkpoint, not of the last step
        last.update(dict.fromkeys(result_metrics(last, "validation"), validation))
    return row, {f"metric.{name}" if name in row or name in _OWN else name: value for name, value in last.items()}


def tags_of(experiment: Any) -> list[str]:
    """Return the tags of a run, in the order of the alphabet."""
    return sorted(map(str, _list(_mapping(getattr(experiment, "omniboard", None)).get("tags"))))


def _status(experiment: Any) -> str | None:
    status = getattr(experiment, "status", None)
    if status == "RUNNING":
        names = ("process", "heartbeat", "start_time")
        if not is_running({name: thaw(getattr(experiment, name, None)) for name in names}):
            return "DEAD"
    return status if isinstance(status, str) else None


def _validation(experiment: Any, info: Mapping[str, Any], best_step: float | None) -> float | None:
    """Return what chose the checkpoint; runs of earlier versions have it in their metrics only."""
    recorded = _number(info.get("best_validation"))
    if recorded is not None or best_step is None:
        return recorded
    for metric in result_metrics(experiment.metrics, "validation"):
        points = experiment.metrics[metric]
        return next((_number(value) for step, value in points.items() if step == best_step), None)
    return None


def _time(value: Any) -> Any:
    """Read a time; MongoDB keeps milliseconds."""
    time = read_time(value)
    return time - timedelta(microseconds=time.microsecond % 1000) if time else None


def _differs_within(texts: pd.DataFrame, entry: str, keys: Sequence[str]) -> bool:
    counts = texts.groupby(list(keys))[entry].nunique() if keys else pd.Series([texts[entry].nunique()])
    return bool(counts.max() > 1)


def _rank(entry: str) -> int:
    return _FIRST.index(entry) if entry in _FIRST else len(_FIRST)


def _column(name: str) -> str:
    return f"config.{name}" if name in _OWN else str(name)


def _code(repositories: Any) -> str:
    """Name the state of the code: the beginning of the commit, and + if the sources differ from it."""
    try:
        [repository] = repositories
        return f"{repository['commit'][:7]}{'+' if repository['dirty'] else ''}"
    except (TypeError, ValueError, KeyError):  # no repository, or recorded by another tool
        return ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    """Return a number, None in place of anything else."""
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else None
