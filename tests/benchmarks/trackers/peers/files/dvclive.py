"""DVCLive, read with pandas, since DVC itself compares commits of Git."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.trackers.inside.work import Work
from tests.benchmarks.trackers.peers.files.copies import copy_run

READER = ("pandas",)
_RUN = Path("dvclive")


def record(work: Work) -> None:
    """Write a run into dvclive/."""
    from dvclive import Live

    with Live() as live:
        live.log_params({"seed": 1, "hidden": 64})

        def log(step: int, values: Mapping[str, float]) -> None:
            for name, value in values.items():
                live.log_metric(name, value)
            live.next_step()

        work(log)


def count() -> int:
    """Count the points of all runs."""
    import pandas as pd

    files = Path().glob("dvclive*/plots/metrics/**/*.tsv")
    return sum(len(pd.read_csv(file, sep="\t")) for file in files)


def table() -> int:
    """Read the last values of all metrics."""
    import pandas as pd

    rows = pd.json_normalize([json.loads(file.read_bytes()) for file in Path().glob("dvclive*/metrics.json")])
    return len(rows) * sum(column.startswith("metric") for column in rows.columns)


def curve(name: str) -> int:
    """Read one metric of all runs."""
    import pandas as pd

    files = Path().glob(f"dvclive*/plots/metrics/{name}.tsv")
    curves: list[Any] = [pd.read_csv(file, sep="\t") for file in files]
    return sum(map(len, curves))


def make_runs(runs: int, work: Work) -> None:
    """Write one run, and copy it."""
    record(work)
    copy_run(_RUN, runs)
