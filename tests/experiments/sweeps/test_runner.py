"""Sweeps on another executor, a run that is killed, an output that is closed, and what results keep in memory."""

import multiprocessing
import os
import signal
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from experiments.parity import experiment
from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.cluster.errors import ClusterError
from experiments.sweeps.executors.worker import Request, train
from experiments.sweeps.planning.plan import PlannedRun, plan
from experiments.sweeps.planning.store import Match, State, Store
from experiments.sweeps.printer import ResultPrinter
from experiments.sweeps.results import RunResult
from experiments.sweeps.runner import PlannedRuns, run_all
from observers.stored_runs.stored_run import StoredRun
from tests.experiments.place import SCRIPT, SWEEP, entry

SMALL = ("parity", "fast", "hidden=8", "data_size=60")
ALONE: dict[str, Any] = {"stop": lambda _: None, "on_start": lambda: None}


@pytest.mark.slow
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

        stopped_by = run_all(submit, source, ResultPrinter(2, ["seed"]), slots=lambda: 2, **ALONE)

    assert stopped_by is None
    assert [result.values["seed"] for result in source.results] == [1, 2]
    assert all(result.error is None and result.value is not None for result in source.results)
    assert [entry(run)["status"] for run in place.runs()] == ["COMPLETED", "COMPLETED"]


@pytest.mark.slow
def test_a_killed_run_does_not_end_the_sweep_and_is_started_again(place, run_sweep):
    grid = (*SMALL, "max_steps=600", "patience=600", "seed=0..1")
    process = place.start(*grid, "--jobs", "1", script=SWEEP)
    place.await_steps(1)
    os.kill(entry(place.runs()[0])["process"]["pid"], signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    again = run_sweep(*grid)

    assert process.returncode == 1
    assert "seed=0: the process ended with exit status -9" in out
    assert again.stdout.startswith("1 to run, once TensorFlow is imported; 1 recorded already")
    assert [entry(run)["status"] for run in place.runs()] == ["RUNNING", "COMPLETED", "COMPLETED"]


@pytest.mark.slow
def test_a_closed_pipe_ends_neither_runs_nor_sweep(place):
    process = place.start(*SMALL, "learning_rate=0.005,0.01", "seed=0..1", script=SWEEP)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=300) == 0
    assert len(place.runs()) == 4


def planned_run(state=State.MISSING, run=None):
    return PlannedRun({}, (), (), Match(state, run), {}, any_seed=False)


def run_to(future, printer):
    """Run a sweep whose only run ends as a future does; return its results."""
    source = PlannedRuns([planned_run()])
    assert run_all(lambda _: future, source, printer, slots=lambda: 1, **ALONE) is None
    return source.results


def test_a_run_that_nobody_in_the_sweep_has_cancelled_is_listed(capsys):
    future: Future = Future()
    future.cancel()
    future.set_running_or_notify_cancel()
    [result] = run_to(future, ResultPrinter(1, []))

    assert result.error == "its executor has cancelled it"
    assert capsys.readouterr().out == "1/1  the only run  its executor has cancelled it  -\n"


def test_a_cluster_that_is_lost_ends_the_sweep_and_is_no_result_of_a_run(capsys):
    future: Future = Future()
    future.set_exception(ClusterError("the scheduler has gone"))
    with pytest.raises(ClusterError, match="has gone"):
        run_to(future, ResultPrinter(1, []))

    assert capsys.readouterr().out == ""


def test_a_run_that_another_sweep_trains_in_the_same_directory_is_no_failure():
    running = StoredRun(Path("runs/1"), {"status": "RUNNING"}, {}, {}, ())
    [result] = PlannedRuns([planned_run(State.RUNNING, running)]).results

    assert (result.summary, result.goes_on) == ("still running", True)


def test_results_share_what_their_runs_have_in_common_in_memory():
    planned = [planned_run(), planned_run()]
    source = PlannedRuns(planned)
    for run in planned:
        stored = {"status": "COMPLETED", "uuid": "u", "experiment": {"dependencies": ["a==1"]}}
        source.end(run, RunResult({}, StoredRun(Path("runs/1"), stored, {}, {}, ())))
    first, second = (result.run for result in source.results)

    assert first is not None
    assert second is not None
    assert first.entry["experiment"] is second.entry["experiment"]
    assert first.entry["experiment"] == {"dependencies": ["a==1"]}
