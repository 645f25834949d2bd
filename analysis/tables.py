"""Lays out runs as tables, one row for each run."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import pandas as pd

_FIRST = ("task", "head", "language")  # most other entries follow from these


def table(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay out status, result, costs, parent, code, every config entry, and the last value of every metric.

    Args:
        experiments: incense's, see load_runs; also those that another tool recorded.

    Returns:
        One row for each run, by id. The column of a metric has its name, such as `test/accuracy`. The `parent` of a
        run is the directory of the run that it resumes. `code` is the beginning of its commit, with `+` if the sources
        differ from it. What is not of the expected kind, such as a result that is a text, is missing.
    """
    rows = {experiment.id: _row(experiment) for experiment in experiments}
    if not rows:
        return pd.DataFrame(columns=["status", "result", "best_step", "cpu_seconds", "parent", "code", "task"])
    laid_out = pd.DataFrame.from_dict(rows, orient="index").rename_axis("run")
    return laid_out.astype({"best_step": "Int64", "result": float, "cpu_seconds": float})


def config_entries(experiments: Iterable[Any]) -> list[str]:
    """List the config entries of any run, in alphabetical order."""
    return sorted({name for experiment in experiments for name in _mapping(experiment.config)})


def differing_within(
    runs: pd.DataFrame, entries: Sequence[str], by: Sequence[str], over: Sequence[str] = ()
) -> list[str]:
    """List the entries, other than the seed, in which runs differ that agree in `by`; runs are not mixed over them.

    An entry that follows from those before it, such as the defaults of a head, is left out.
    """
    texts = runs[list(entries)].map(str)
    found: list[str] = []
    for entry in sorted(set(entries) - {*by, *over, "seed"}, key=lambda entry: (_rank(entry), entry)):
        keys = [*by, *found]
        counts = texts.groupby(keys)[entry].nunique() if keys else pd.Series([texts[entry].nunique()])
        if counts.max() > 1:
            found.append(entry)
    return found


def overview(experiments: Iterable[Any]) -> pd.DataFrame:
    """Lay out how runs ended and how they differ.

    Returns:
        One row for each run: its status; what was measured on the splits `test` and `extrapolation`, under the name of
        the measure; `result` if a run has one that is not among them; the step of the checkpoint; the config entries
        that differ; the code if it differs; the `parent` if a run has one.
    """
    experiments = list(experiments)
    everything = table(experiments)
    entries = config_entries(experiments)
    measured = [name for split in ("test/", "extrapolation/") for name in everything if _is_shown(name, split)]
    in_tests = everything[[name for name in measured if name.startswith("test/")]].notna().any(axis=1)
    elsewhere = ["result"] if (everything["result"].notna() & ~in_tests).any() else []
    differing = [name for name in (*entries, "code") if everything[name].map(str).nunique() > 1]
    parents = ["parent"] if everything["parent"].notna().any() else []
    columns = ["status", *measured, *elsewhere, "best_step", *differing, *parents]
    return everything[columns].fillna({"parent": "", "code": ""})


def _is_shown(name: str, split: str) -> bool:
    return name.startswith(split) and not name.endswith(("/loss", "/relative_error"))


def _row(experiment: Any) -> dict[str, Any]:
    """Return the columns of a run by name, in the order of the table."""
    info, config = _mapping(getattr(experiment, "info", None)), _mapping(experiment.config)
    best_step = _number(info.get("best_step"))
    return {
        "status": getattr(experiment, "status", None),
        "result": _number(getattr(experiment, "result", None)),
        "best_step": None if best_step is None or not best_step.is_integer() else int(best_step),
        "cpu_seconds": _number(info.get("cpu_seconds")),
        "parent": _mapping(info.get("parent")).get("directory"),
        "code": _code(_mapping(getattr(experiment, "experiment", None)).get("repositories")),
        **dict(sorted(config.items())),
        **{name: _last(points) for name, points in sorted(experiment.metrics.items())},
    }


def _rank(entry: str) -> int:
    return _FIRST.index(entry) if entry in _FIRST else len(_FIRST)


def _code(repositories: Any) -> str | None:
    """Name the state of the code: the beginning of the commit, and + if the sources differ from it."""
    try:
        [repository] = repositories
        return f"{repository['commit'][:7]}{'+' if repository['dirty'] else ''}"
    except (TypeError, ValueError, KeyError):  # no repository, or recorded by another tool
        return None


def _last(points: pd.Series) -> float | None:
    return _number(points.iloc[-1]) if len(points) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> float | None:
    """Return a number, None in place of anything else."""
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else None
