"""Makes many runs of one by copying its directory."""

import shutil
from pathlib import Path


def copy_run(run: Path, runs: int) -> None:
    """Copy a run to siblings, until there are so many runs."""
    for number in range(1, runs):
        shutil.copytree(run, run.with_name(f"{run.name}-{number}"))
