"""Prints an overview of recorded runs: python -m analysis.runs [RUNS]."""

import argparse
import sys

from analysis.source import add_source, describe, load_or_exit
from analysis.tables import overview


def main() -> None:
    """Print the overview of the runs that the command line names, by default those in runs/."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.runs",
        description="Compare recorded runs in a table: what was measured on the test words, and how the runs differ. "
        "More accuracy and a larger exact share are better, a smaller mean absolute error is.",
    )
    add_source(parser, default="runs")
    source = parser.parse_args().runs
    experiments = load_or_exit(source)
    if not experiments:
        sys.exit(f"there are no runs in {describe(source)}")
    print(overview(experiments).to_string())


if __name__ == "__main__":
    main()
