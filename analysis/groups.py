"""Prints runs folded over their seeds: python -m analysis.groups RUNS [ENTRY...].

A group holds completed runs that differ in their seeds only, and in entries that are folded on request (--over).
"""

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.source import add_source, describe, load_or_exit
from analysis.statistics import summarize
from analysis.tables import config_entries, differing_within, table

_MEASURES = {"accuracy": "accuracy", "mean_absolute_error": "exact"}  # and what decides about success
_SPLITS = ("test", "extrapolation")


def main() -> None:
    """Print a table for each task and split."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.groups",
        description="Fold completed runs over their seeds: the median with its 95 % interval (bootstrap), the worst "
        "run, and the share of successes with its 95 % interval (Wilson).",
    )
    add_source(parser)
    parser.add_argument(
        "by",
        metavar="ENTRY",
        nargs="*",
        help="config entries that make a group, such as head; others that differ follow",
    )
    parser.add_argument("--over", metavar="ENTRY", nargs="+", default=[], help="fold over these entries, too")
    parser.add_argument(
        "--success",
        type=_share,
        default=0.99,
        help="accuracy, or exact share, of a success, from 0 to 1 (default: %(default)s)",
    )
    arguments = parser.parse_args()
    experiments, source = load_or_exit(arguments.runs), describe(arguments.runs)
    runs, entries = with_failures(table(experiments)), config_entries(experiments)
    unknown = [entry for entry in (*arguments.by, *arguments.over) if entry not in entries]
    if unknown:
        sys.exit(f"no run in {source} has the config entry {unknown[0]}")
    if runs.empty:
        sys.exit(f"there is no completed run in {source}")
    by = [*arguments.by, *differing_within(runs, entries, arguments.by, arguments.over)]
    if added := by[len(arguments.by) :] if arguments.by else []:
        print(f"also grouped by {', '.join(added)}, in which the runs of a group differ (--over folds them)\n")
    for title, lines in _tables(runs, by or ["task"], arguments.success):
        print(f"{title}\n{lines.to_string(sparsify=False)}\n")


def with_failures(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the completed runs, and the diverged ones of their tasks, with an infinite error or accuracy 0."""
    kept = runs[runs["status"].isin(["COMPLETED", "DIVERGED"])].copy()
    for split in _SPLITS:
        for measure, exact in _MEASURES.items():
            name = f"{split}/{measure}"
            if name not in kept or "task" not in kept:
                continue
            failed = (kept["status"] == "DIVERGED") & kept["task"].isin(kept.loc[kept[name].notna(), "task"])
            kept.loc[failed, name] = 0.0 if measure == exact else np.inf
            kept.loc[failed, f"{split}/{exact}"] = 0.0
    return kept


def format_summary(summary: pd.DataFrame, measure: str, success: float) -> pd.DataFrame:
    """Write a summary (analysis.statistics.summarize) as text, one column for each figure and its interval."""
    rows = {
        key: {
            f"{measure}: median (95 %)": f"{row['median']:.4g}{_interval(row['low'], row['high'])}",
            "worst": f"{row['worst']:.4g}",
            "exact": f"{row['exact']:.3f}",
            f"success, from {success:g}": f"{row['successes']:.0f} of {row['runs']:.0f}"
            f" ({row['success_low']:.2f} to {row['success_high']:.2f})",
            "CPU s": f"{row['cpu_seconds']:.1f}",
        }
        for key, row in summary.iterrows()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(summary.index.names)


def _tables(runs: pd.DataFrame, by: Sequence[str], success: float) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield title and table of each split and measure."""
    for split in _SPLITS:
        for measure, exact in _MEASURES.items():
            name = f"{split}/{measure}"
            if name not in runs:
                continue
            summary = summarize(
                runs[runs[name].notna()],
                by,
                name,
                lower_is_better=measure != exact,
                exact=f"{split}/{exact}",
                enough=success,
            )
            lines = format_summary(summary, measure.replace("_", " "), success)
            yield split, lines.drop(columns="exact") if measure == exact else lines


def _interval(low: float, high: float) -> str:
    """Write an interval in brackets; nothing if there is none."""
    return "" if np.isnan(low) else f" ({low:.4g} to {high:.4g})"


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to 1")
    return share


if __name__ == "__main__":
    main()
