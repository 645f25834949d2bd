"""A run whose system calls fail, each in turn: once, or from then on; and one that is killed at each of them."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from observers.directory.journal_reader import read_points
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import read_run
from observers.system.files import read_json
from tests.observers.directory.small_run import POINTS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
EVERY = 5
PRINTED = re.compile(r"write\([12],")  # to standard output, which is no part of the record


@pytest.fixture(scope="module", autouse=True)
def strace():
    """Skip the tests where system calls cannot be made to fail; in CI, fail."""
    program = shutil.which("strace")
    works = program and subprocess.run([program, "-e", "inject=fsync:error=EIO:when=9", "true"], capture_output=True)
    if not works or works.returncode != 0:
        missed = "CI" in os.environ and "WITHOUT_STRACE" not in os.environ
        (pytest.fail if missed else pytest.skip)("strace is missing, or may not trace")


def disturb(directory, fault):
    """Record a run with a fault; return its process, the directory, and the call that failed, if any."""
    directory.mkdir()
    call = fault.partition(":")[0]
    command = ["strace", "-o", "calls", "-e", f"trace={call}", "-e", f"inject={fault}"]
    command += [sys.executable, "-m", "tests.observers.directory.small_run", "runs"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=directory, capture_output=True, text=True, env=environment, timeout=300)
    calls = (directory / "calls").read_text().splitlines()
    failed = [line for line in calls if "(INJECTED)" in line or "killed by SIGKILL" in line]
    return run, directory / "runs", failed[0] if failed else None


def disturb_each_call(place, fault):
    """Record a run for every fifth call that can fail, until there is none; tests.benchmarks.faults tries all."""
    disturbed = 0
    with ThreadPoolExecutor(2) as pool:
        for first in range(1, 1000, 4 * EVERY):
            numbers = range(first, first + 4 * EVERY, EVERY)
            for outcome in pool.map(lambda number: disturb(place / str(number), fault.format(number)), numbers):
                if outcome[2] is None:
                    assert disturbed > 1
                    return
                if not PRINTED.match(outcome[2]):
                    disturbed += 1
                    yield outcome


def only_run(runs):
    [directory] = [path for path in runs.iterdir() if path.name.isdecimal()]
    assert not [path for path in runs.rglob("*") if path.name.startswith(".") and path.name != ".last_id"]
    return read_run(directory)


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_a_run_is_recorded_as_a_whole_if_any_call_fails_once(tmp_path, call):
    for run, runs, failed in disturb_each_call(tmp_path, call + ":error=EIO:when={}"):
        stored = only_run(runs)

        assert (run.returncode, run.stderr) == (0, ""), failed
        assert (stored.status, stored.entry["result"], stored.damage) == ("COMPLETED", 0.75, ()), failed
        assert [point.step for point in read_points(stored.journal)] == list(range(POINTS)), failed
        assert read_json(stored.directory / "metrics.json")["train/loss"]["steps"] == list(range(POINTS)), failed
        assert stored.entry["artifacts"] == ["model.bin"], failed
        assert stored.info["best_step"] == 20, failed
        assert (stored.directory / "cout.txt").read_text() == "measured\n", failed


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_run_whose_calls_fail_from_some_time_on_says_so_and_keeps_what_it_had(tmp_path, call):
    for run, runs, failed in disturb_each_call(tmp_path, call + ":error=EIO:when={}+"):
        lines = run.stderr.splitlines()

        assert run.returncode == 1, failed
        assert 1 <= len(lines) <= 2, failed
        assert "Input/output error" in lines[-1], failed
        if not lines[-1].startswith("cannot record the run in runs: "):
            stored = only_run(runs)
            assert stored.damage == (), failed
            assert [point.step for point in read_points(stored.journal)] == list(range(POINTS)), failed
        else:
            assert not [path for path in runs.iterdir() if path.name.isdecimal()], failed


@pytest.mark.parametrize("call", ["write", "fsync", "rename", "mkdir"])
def test_a_run_that_is_killed_at_any_call_is_whole_or_not_there(tmp_path, call):
    for _, runs, failed in disturb_each_call(tmp_path, call + ":signal=KILL:when={}"):
        warnings: list[str] = []
        stored = list(read_runs(runs, warnings.append)) if runs.exists() else []

        assert warnings == [], failed
        assert [run.directory.name for run in stored] in ([], ["1"]), failed
        for run in stored:
            steps = [point.step for point in read_points(run.journal)]
            assert steps == list(range(len(steps))), failed
            assert run.entry["directory"] == str(runs / "1"), failed
            assert run.status == "RUNNING" or (run.entry["result"], len(steps)) == (0.75, POINTS), failed
