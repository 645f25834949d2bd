"""Prints an overview of recorded runs: python -m analysis.runs [RUNS]."""

import argparse
import sys

from analysis.loading import load_runs
from analysis.tables import overview


def main() -> None:
    """Print the overview of the runs that the command line names, by default those in runs/."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.runs",
        description="Compare recorded runs in a table: what was measured on the test words, and how the runs differ. "
        "More accuracy and a larger exact share are better, a smaller mean absolute error is.",
    )
    parser.add_argument(
        "runs", nargs="?", default="runs", help="a directory (default: runs), or a database: mongodb://HOST/NAME"
    )
    source = parser.parse_args().runs
    try:
        experiments = load_runs(source)
    except (FileNotFoundError, ConnectionError, ValueError) as error:
        sys.exit(str(error))
    if not experiments:
        sys.exit(f"there are no runs in {source if '://' not in source else 'the database'}")
    print(overview(experiments).to_string())


if __name__ == "__main__":
    main()
