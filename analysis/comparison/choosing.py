"""Chooses the best configuration by validation, and finds runs that failed or that are there twice."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.comparison.folding import fold, mixed_remarks, with_failures
from analysis.comparison.pairing import Comparison, compare
from analysis.measures import in_words, is_lower_better, result_metrics
from analysis.tables import differing, differing_within
from analysis.values import value_as_given

QUESTION = ("task", "language", "min_number", "max_number")
"""Runs that differ in these answer different questions: none of them is the best."""

_ALL = "all runs"
_MEANINGS = {
    "DIVERGED": "the loss was no longer finite",
    "PRUNED": "a search ended it: other trials were better",
    "INTERRUPTED": "Ctrl-C, or the loss of its worker on a cluster",
    "TERMINATED": "a signal ended it",
    "DEAD": "its process is gone, without an end of the run",
}


@dataclass(frozen=True)
class Choice:
    """The best configuration for a question.

    Attributes:
        question: the entries of QUESTION that differ, such as task=parity; empty if none does.
        metric: the result.
        names: the configuration of each run that was compared, by its id.
        configurations: all, with the figures of analysis.comparison.folding, the best first.
        best: the names of the best ones: more than one if their median validations are equal.
        comparison: of the best with the next that is not equal; None if there is none, or they have no seed in common.
        remarks: in which way runs of one configuration differ besides their seeds.
    """

    question: str
    metric: str
    names: pd.Series
    configurations: pd.DataFrame
    best: tuple[str, ...]
    comparison: Comparison | None
    remarks: tuple[str, ...] = ()

    @property
    def runs(self) -> list[Any]:
        """The ids of the runs that were compared."""
        return list(self.names.index)

    def sentences(self) -> Iterator[str]:
        """Say in words which configuration is the best, and whether that is more than chance."""
        row = self.configurations.loc[self.best[0]]
        measure, seeds = in_words(self.metric.partition("/")[2]), int(row["runs"])
        prefix = f"{self.question}: " if self.question else ""
        equals = f"; equal: {', '.join(self.best[1:])}" if len(self.best) > 1 else ""
        yield (
            f"{prefix}best by validation, median {measure} {row['validation']:.4g} over {seeds}"
            f" seed{'' if seeds == 1 else 's'}: {self.best[0]}{equals}"
        )
        for name in self.best:
            figures = self.configurations.loc[name]
            interval = (
                "" if figures.isna()["low"] else f" (95 % interval {figures['low']:.4g} to {figures['high']:.4g})"
            )
            yield f"  {name}: {in_words(self.metric)}, median {figures['median']:.4g}{interval}"
        if self.comparison is not None:
            first, second = self.comparison.names
            yield f"  {first} against {second}, the next, on the test: {self.comparison.sentence()}"
        elif len(self.best) == len(self.configurations) > 1:
            yield "  no configuration is better than another by validation"
        yield from (f"  {remark}" for remark in self.remarks)


def choose(runs: pd.DataFrame, entries: Sequence[str]) -> list[Choice]:
    """Choose the best configuration by its median validation over seeds, for each question.

    Args:
        runs: a table, see analysis.tables.
        entries: the config entries among its columns.

    Returns:
        A choice for each question and task with validated runs.
    """
    ended = with_failures(runs)
    asked = differing(ended, [entry for entry in QUESTION if entry in entries])
    groups = ended.groupby([ended[entry].map(value_as_given) for entry in asked]) if asked else [((), ended)]
    choices = []
    for key, group in groups:
        values = key if isinstance(key, tuple) else (key,)
        question = " ".join(f"{name}={value}" for name, value in zip(asked, values, strict=True))
        for metric in result_metrics(group):
            measured = group[group[metric].notna() & group["best_validation"].notna()]
            if not measured.empty:
                choices.append(_choose(question, measured, entries, metric))
    return choices


def configuration_names(runs: pd.DataFrame, entries: Sequence[str]) -> pd.Series:
    """Name the configuration of each run by the entries that differ, without the seed: `hidden=16 head=nalu`."""
    by = differing_within(runs, entries, [])
    if not by:
        return pd.Series(_ALL, index=runs.index)
    columns = [runs[entry].map(value_as_given).tolist() for entry in by]  # a row of a table would make 8.0 of 8
    return pd.Series([_name(by, values) for values in zip(*columns, strict=True)], index=runs.index)


def failures(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs that ended without a result, with the reason: all but those completed or still running."""
    failed = runs[~runs["status"].isin(["COMPLETED", "RUNNING", "QUEUED"])]
    meanings = failed["status"].map(_MEANINGS).fillna("")
    return pd.DataFrame(
        {"status": failed["status"], "reason": failed["reason"].where(failed["reason"] != "", meanings)}
    )


def duplicates(runs: pd.DataFrame, entries: Sequence[str], resumed: Collection[Any] = ()) -> list[pd.DataFrame]:
    """Return groups of runs with the same config, and seed, each as a table.

    Args:
        runs: a table, see analysis.tables.
        entries: the config entries among its columns.
        resumed: the ids of runs that another one resumes: they are no duplicates of it, and are left out.
    """
    kept = runs[~runs.index.isin(list(resumed))]
    if not entries or kept.empty:
        return []
    keys = kept[list(entries)].map(lambda value: str(value_as_given(value))).apply(tuple, axis=1)
    return [group for _, group in kept.groupby(keys, sort=False) if len(group) > 1]


def _choose(question: str, runs: pd.DataFrame, entries: Sequence[str], metric: str) -> Choice:
    names, by = configuration_names(runs, entries), differing_within(runs, entries, [])
    figures = fold(runs, by, metric) if by else fold(runs.assign(configuration=_ALL), ["configuration"], metric)
    figures = figures.set_axis([_name(by, key) for key in figures.index]) if by else figures
    figures = figures.sort_values("validation", ascending=is_lower_better(metric), kind="stable")
    best = tuple(figures.index[figures["validation"] == figures["validation"].iloc[0]])
    comparison = None
    if len(figures) > len(best):
        first, second = figures.index[0], figures.index[len(best)]
        comparison = _compared(runs, entries, (first, names == first), (second, names == second), metric)
    return Choice(question, metric, names, figures, best, comparison, tuple(mixed_remarks(runs, by)))


def _name(by: Sequence[str], key: Any) -> str:
    """Name a configuration by the values of its entries."""
    values = key if isinstance(key, tuple) else (key,)
    return " ".join(f"{entry}={value}" for entry, value in zip(by, values, strict=True))


def _compared(runs: pd.DataFrame, entries: Sequence[str], first: Any, second: Any, metric: str) -> Comparison | None:
    try:
        return compare(runs, entries, first, second, metric)
    except ValueError:  # no seed in common
        return None
