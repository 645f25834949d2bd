"""Prints runs folded over their seeds: python -m analysis.groups RUNS ENTRY...

A group holds the completed runs of a task that agree in the given config entries.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis.loading import load_runs
from analysis.statistics import summarize
from analysis.tables import table

_MEASURES = {"accuracy": "accuracy", "mean_absolute_error": "exact"}  # and what decides about success
_SPLITS = ("test", "extrapolation")


def main() -> None:
    """Print a table for each task and split."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.groups",
        description="Fold completed runs over their seeds: the median with its 95 % interval (bootstrap), the worst "
        "run, and the share of successes with its 95 % interval (Wilson).",
    )
    parser.add_argument("runs", metavar="RUNS", help="a directory, or a database: mongodb://HOST/NAME")
    parser.add_argument("by", metavar="ENTRY", nargs="+", help="config entries that make a group, such as head")
    parser.add_argument(
        "--success", type=float, default=0.99, help="accuracy, or exact share, of a success (default: %(default)s)"
    )
    arguments = parser.parse_args()
    try:
        runs = table(load_runs(arguments.runs))
    except (FileNotFoundError, ConnectionError, ValueError) as error:
        sys.exit(str(error))
    runs = with_failures(runs)
    unknown = [entry for entry in arguments.by if entry not in runs]
    if unknown or runs.empty:
        sys.exit(f"no completed run in {arguments.runs} has the config entry {(unknown or arguments.by)[0]}")
    for title, lines in _tables(runs, arguments.by, arguments.success):
        print(f"{title}\n{lines.to_string()}\n")


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
            f"{measure}: median (95 %)": f"{row['median']:.4g} ({row['low']:.4g} to {row['high']:.4g})",
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
    """Yield title and table of each split and measure; runs of different tasks are different groups."""
    for split in _SPLITS:
        for measure, exact in _MEASURES.items():
            name = f"{split}/{measure}"
            if name not in runs:
                continue
            measured = runs[runs[name].notna()]
            tasks = ["task"] if "task" in measured and "task" not in by and measured["task"].nunique() > 1 else []
            summary = summarize(
                measured,
                [*tasks, *by],
                name,
                lower_is_better=measure != exact,
                exact=f"{split}/{exact}",
                enough=success,
            )
            lines = format_summary(summary, measure.replace("_", " "), success)
            yield split, lines.drop(columns="exact") if measure == exact else lines


if __name__ == "__main__":
    main()
