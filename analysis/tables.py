"""Lays out runs as tables, one row for each run."""

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import pandas as pd

from analysis.measures import RESULTS
from analysis.rows import OWN_COLUMNS, column_of, config_of, row_of
from observers.system.untrusted.json_files import garbage_collection_paused

_FIRST = ("task", "head", "language")  # most other entries follow from these
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
    with garbage_collection_paused():
        rows = {experiment.id: row_of(experiment) for experiment in experiments}
    if not rows:
        return pd.DataFrame(columns=[*OWN_COLUMNS[: OWN_COLUMNS.index("run")], "task"]).rename_axis("run")
    columns = dict.fromkeys(name for row, metrics in rows.values() for name in (*row, *metrics))
    values = {
        name: [metrics.get(name, row.get(name)) for row, metrics in rows.values()] for name in columns
    }  # column by column, so that whole numbers stay whole beside missing ones
    laid_out = pd.DataFrame({name: pd.Series(each, dtype=object) for name, each in values.items()})
    laid_out.index = pd.Index(rows)
    metrics = dict.fromkeys(name for _, metrics in rows.values() for name in metrics)
    names = [name for name in metrics if all(each is None or isinstance(each, Real) for each in values[name])]
    kinds = {"best_step": "Int64", **dict.fromkeys((*_FLOATS, *names), float)}
    return laid_out.rename_axis("run").astype(kinds)


def config_entries(experiments: Iterable[Any]) -> list[str]:
    """List the config entries of any run, in alphabetical order, by the names of their columns."""
    configs = (config_of(experiment) for experiment in experiments)
    return sorted({column_of(name) for config in configs for name in config})


def differing(runs: pd.DataFrame, entries: Sequence[str]) -> list[str]:
    """List the entries in which any two runs differ."""
    return [entry for entry in entries if runs[entry].map(str).nunique() > 1]


def differing_within(
    runs: pd.DataFrame, entries: Sequence[str], by: Sequence[str], over: Sequence[str] = ()
) -> list[str]:
    """List the entries, other than the seed, in which runs differ that agree in `by`; runs are not mixed over them.

    An entry that follows from names before it, such as the defaults of a head, is left out; from numbers nothing
    follows, although each trial of a search has its own. One that is folded (`over`) takes what follows from it along.
    """
    texts = runs[list(entries)].map(str)
    found: list[str] = []
    names: list[str] = []
    for entry in sorted(set(entries) - {*by, *over, "seed"}, key=lambda entry: (_rank(entry), entry)):
        if _differs_within(texts, entry, [*by, *names]) and _differs_within(texts, entry, [*by, *names, *over]):
            found.append(entry)
            if runs[entry].map(lambda value: isinstance(value, str)).all():
                names.append(entry)
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


def _differs_within(texts: pd.DataFrame, entry: str, keys: Sequence[str]) -> bool:
    counts = texts.groupby(list(keys))[entry].nunique() if keys else pd.Series([texts[entry].nunique()])
    return bool(counts.max() > 1)


def _rank(entry: str) -> int:
    return _FIRST.index(entry) if entry in _FIRST else len(_FIRST)
