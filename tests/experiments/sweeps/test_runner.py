"""Sweeps on another executor, a run that is killed, an output that is closed, and what results keep in memory."""

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from experiments.parity import experiment
from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.executors.worker import Request, train
from experiments.sweeps.planning.plan import PlannedRun, plan
from experiments.sweeps.planning.store import Match, State, Store
from experiments.sweeps.printer import ResultPrinter
from experiments.sweeps.results import RunResult
from experiments.sweeps.runner import PlannedRuns, run_all
from observers.stored_runs.stored_run import StoredRun
from tests.experiments.place import SCRIPT, SWEEP, entry

pytestmark = pytest.mark.slow

SMALL = ("parity", "fast", "hidden=8", "data_size=60")


def test_another_executor_can_run_a_sweep(place, monkeypatch):
    """Spawned processes, which import everything themselves."""
    monkeypatch.chdir(place.directory)
    points = [{"hidden": 8, "seed": 1}, {"hidden": 8, "seed": 2}]
    planned = plan(experiment, points, named_configs=["fast"], options=[], store=Store([], str(SCRIPT), {}))
    source = PlannedRuns(planned)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn, max_tasks_per_child=1) as executor:

        def submit(run):
            return executor.submit(train, Request("parity", str(SCRIPT), run.words, run.options, source_digests(ROOT)))

        stopped_by = run_all(submit, source, ResultPrinter(2, ["seed"]), slots=lambda: 2)

    assert stopped_by is None
    assert [result.values["seed"] for result in source.results] == [1, 2]
    assert all(result.error is None and result.value is not None for result in source.results)
    assert [entry(run)["status"] for run in place.runs()] == ["COMPLETED", "COMPLETED"]


def test_a_killed_run_does_not_end_the_sweep_and_is_started_again(place, run_sweep):
    grid = (*SMALL, "max_steps=400", "patience=400", "seed=0..1")
    process = place.start(*grid, "--jobs", "1", script=SWEEP)
    place.await_steps(1)
    os.kill(entry(place.runs()[0])["process"]["pid"], signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    again = run_sweep(*grid)

    assert process.returncode == 1
    assert "seed=0: the process ended with exit status -9" in out
    assert again.stdout.startswith("1 to run, once TensorFlow is imported; 1 recorded already")
    assert [entry(run)["status"] for run in place.runs()] == ["RUNNING", "COMPLETED", "COMPLETED"]


def test_a_closed_pipe_ends_neither_runs_nor_sweep(place):
    process = place.start(*SMALL, "learning_rate=0.005,0.01", "seed=0..1", script=SWEEP)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=300) == 0
    assert len(place.runs()) == 4


def test_results_share_what_their_runs_have_in_common_in_memory():
    planned = [PlannedRun({}, (), (), Match(State.MISSING), {}, any_seed=False) for _ in range(2)]
    source = PlannedRuns(planned)
    for run in planned:
        stored = {"status": "COMPLETED", "uuid": "u", "experiment": {"dependencies": ["a==1"]}}
        source.end(run, RunResult({}, StoredRun(Path("runs/1"), stored, {}, {}, ())))
    first, second = (result.run for result in source.results)

    assert first is not None
    assert second is not None
    assert first.entry["experiment"] is second.entry["experiment"]
    assert first.entry["experiment"] == {"dependencies": ["a==1"]}
