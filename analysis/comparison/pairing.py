"""Compares two configurations over their common seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.comparison.folding import distinct_seeds, mixed_remarks, with_failures
from analysis.measures import direction, in_words, is_lower_better, result_metrics
from analysis.statistics import ENOUGH_PAIRS, PairedDifference, paired_difference
from analysis.tables import differing, differing_within
from analysis.values import order, value_as_given


@dataclass(frozen=True)
class Comparison:
    """Two configurations, and how a metric differs between them.

    Attributes:
        names: of the first and the second configuration.
        metric: what is compared.
        pairs: the values of both, with the common seeds as index.
        difference: of the second from the first.
        remarks: what a reader must know besides, a sentence each.
    """

    names: tuple[str, str]
    metric: str
    pairs: pd.DataFrame
    difference: PairedDifference
    remarks: tuple[str, ...] = ()

    @property
    def better(self) -> str | None:
        """The name of the better configuration; None if the seeds do not tell, or the direction is unknown."""
        if not self.difference.is_told or direction(self.metric) is None:
            return None
        return self._ranked()[0]

    def _ranked(self) -> tuple[str, str]:
        """Return the name of the configuration with the better mean, and the other."""
        first, second = self.names
        return (second, first) if (self.difference.mean > 0) != is_lower_better(self.metric) else (first, second)

    def sentence(self) -> str:
        """Say in words what the seeds tell."""
        difference, seeds = self.difference, _count(self.difference.pairs, "common seed")
        if not self.pairs.diff(axis=1).iloc[:, 1].any():
            verdict = f"no difference: equal on {seeds}"
        elif difference.is_told:
            leading, other = self._ranked()
            word = "is better" if self.better else "has more"
            verdict = f"{leading} {word} than {other}: the difference is more than chance, from {seeds}"
        else:
            verdict = f"no difference can be told from {seeds}"
            if difference.pairs < ENOUGH_PAIRS:
                verdict += f"; that takes {ENOUGH_PAIRS} or more"
        return "; ".join([verdict, *self.remarks])


def compare(
    runs: pd.DataFrame,
    entries: Sequence[str],
    first: tuple[str, pd.Series],
    second: tuple[str, pd.Series],
    metric: str,
) -> Comparison:
    """Compare two configurations, paired over their common seeds.

    A pair in which a run diverged has no difference that could be averaged; a remark names it.

    Args:
        runs: a table, see analysis.tables.
        entries: the config entries among its columns.
        first: a name, and which runs are meant: booleans with the index of the table.
        second: the same of the other configuration.
        metric: such as test/accuracy.

    Raises:
        ValueError: a configuration has no run with this metric, or differs in more than the seeds; or the two have no
            seed in common.
    """
    ended = with_failures(runs)
    chosen = [
        _one_configuration(name, ended[mask.reindex(ended.index)], entries, metric) for name, mask in (first, second)
    ]
    if set(chosen[0].index) & set(chosen[1].index):
        raise ValueError(f"{first[0]} and {second[0]} name the same runs")
    names = (first[0], second[0])
    columns = [distinct_seeds(group).set_index("seed")[metric].rename(index=value_as_given) for group in chosen]
    pairs = pd.concat(columns, axis=1, keys=names, join="inner").sort_index(key=lambda seeds: seeds.map(order))
    if pairs.empty:
        raise ValueError(f"{names[0]} and {names[1]} have no seed in common")
    finite = pairs[np.isfinite(pairs).all(axis=1)]
    remarks = _remarks(chosen, entries, pairs, finite)
    if finite.empty:
        raise ValueError(f"in each pair of {names[0]} and {names[1]}, a run diverged")
    return Comparison(names, metric, finite, paired_difference(finite[names[1]] - finite[names[0]]), tuple(remarks))


def default_metric(runs: pd.DataFrame) -> str:
    """Return the metric that the runs report as their result.

    Raises:
        ValueError: there is none, or there are several.
    """
    found = [metric for metric in result_metrics(runs) if runs[metric].notna().any()]
    if len(found) != 1:
        problem = "no run has a test result" if not found else f"the runs have {' and '.join(found)}"
        raise ValueError(f"{problem}: name one with --metric")
    return found[0]


def _one_configuration(name: str, group: pd.DataFrame, entries: Sequence[str], metric: str) -> pd.DataFrame:
    if metric not in group or not group[metric].notna().any():
        raise ValueError(f"no completed run of {name} has {metric}")
    measured = group[group[metric].notna()]
    others = differing_within(measured, entries, [])
    if others:
        values = sorted({str(value_as_given(value)) for value in measured[others[0]]})
        raise ValueError(f"the runs of {name} also differ in {others[0]}: choose {others[0]}={' or '.join(values)}")
    if "seed" not in measured or measured["seed"].isna().any():
        raise ValueError(f"a run of {name} has no seed to pair it by")
    return measured


def _remarks(
    chosen: Sequence[pd.DataFrame], entries: Sequence[str], pairs: pd.DataFrame, finite: pd.DataFrame
) -> list[str]:
    remarks = []
    further = [entry for entry in differing(pd.concat(chosen), entries) if entry != "seed"]
    if len(further) > 1:
        remarks.append(f"they differ in {', '.join(further)}")
    for seed in pairs.index.difference(finite.index):
        diverged = [str(name) for name in pairs if not np.isfinite(pairs.loc[seed, name])]
        remarks.append(f"without seed {seed}, on which {' and '.join(diverged)} diverged")
    return remarks + mixed_remarks(pd.concat(chosen), further)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def measured_in_words(comparison: Comparison) -> str:
    """Write both means, and the difference with its interval."""
    first, second = comparison.names
    difference = comparison.difference
    is_known = difference.pairs >= ENOUGH_PAIRS and not np.isnan(difference.low)
    interval = f" (95 % interval {difference.low:.4g} to {difference.high:.4g})" if is_known else ""
    chance = f", p = {difference.p:.3g}" if difference.pairs >= ENOUGH_PAIRS else ""
    return (
        f"{in_words(comparison.metric)}, mean: {first} {comparison.pairs[first].mean():.4g},"
        f" {second} {comparison.pairs[second].mean():.4g};"
        f" difference {difference.mean:.4g}{interval}{chance}"
    )
