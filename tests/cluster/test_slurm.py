"""The Slurm of the tests ends with them."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.slurm import missing_programs
from tests.experiments.place import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_programs()), reason="no Slurm: apt-get install slurm-wlm munge"),
]

STARTS_A_JOB = """
import sys, time
from pathlib import Path
from tests.cluster.slurm import running_slurm

directory = Path(sys.argv[1])
job = directory / "job"
job.write_text("#!/bin/sh\\nsleep 1000\\n")
with running_slurm(directory) as slurm:
    slurm.await_state(slurm.submit(job, directory=directory), "RUNNING")
    print("runs", flush=True)
    sys.stdin.read()
"""


def processes(directory: Path) -> list[str]:
    """The commands of the processes that have this Slurm's config in their environment."""
    variable = f"SLURM_CONF={directory / 'slurm.conf'}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if variable in (path / "environ").read_bytes().split(b"\0"):
                found.append((path / "comm").read_text().strip())
        except OSError:  # it has just ended
            continue
    return sorted(found)


def await_processes(directory: Path, are_expected: Callable[[list[str]], bool]) -> None:
    deadline = time.monotonic() + 60
    while not are_expected(found := processes(directory)):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


@pytest.mark.parametrize("is_killed", [False, True])
def test_servers_and_jobs_end_with_the_process_that_has_started_slurm(tmp_path, is_killed):
    command = [sys.executable, "-c", STARTS_A_JOB, str(tmp_path)]
    tests = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert tests.stdout is not None
    assert tests.stdout.readline() == "runs\n"
    await_processes(tmp_path, lambda found: {"munged", "slurmctld", "slurmd", "slurmstepd", "sleep"} <= set(found))
    if is_killed:
        tests.kill()
    tests.communicate(timeout=60)
    await_processes(tmp_path, lambda found: not found)
