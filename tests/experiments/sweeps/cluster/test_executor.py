"""Sweeps on a cluster: the same runs as with forks, each recorded once, whatever dies."""

import json
import os
import re
import signal
import time

import psutil
import pytest
from distributed import Client

from tests.dask_cluster import forwarded
from tests.experiments.place import SWEEP, entry, points

pytestmark = pytest.mark.slow

SMALL = ("parity", "fast", "hidden=8", "data_size=60")
MEDIUM = (*SMALL, "max_steps=800", "patience=800", "evaluate_every=100")
TRAINED = '"train/loss"'  # what the journal of a run has after its first steps
GONE = re.compile(r"worker (\w+) at tcp://127\.0\.0\.1:\d+ has gone; any run there continues on another worker")
LONG = (*SMALL, "max_steps=1000000", "patience=1000000", "evaluate_every=1000", "seed=0..3")


def by_seed(runs):
    """The last run of each seed."""
    return {json.loads((run / "config.json").read_text())["seed"]: run for run in runs}


def weights(run):
    return next(run.glob("model/model.ckpt-*.data-*")).read_bytes()


def terminated(process):
    """Terminate a sweep, and return what it has printed."""
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM, out
    return out, err.splitlines()


def names_of_gone(lines):
    """Return the names of the workers that have gone, of which each line is about."""
    found = [
        GONE.fullmatch(line) for line in lines if not re.match("waiting for workers of |worker .* has come$", line)
    ]
    assert all(found), lines
    return [each[1] for each in found if each]


def statuses(place):
    return [entry(run)["status"] for run in place.runs()]


def test_each_run_has_the_same_bits_as_in_a_fork_and_is_recorded_the_same(two_workers, place):
    grid = ("parity", "fast", "hidden=8", "seed=0..3")
    done = place.run(*grid, "--cluster", two_workers.address, script=SWEEP)
    forks = place.run(*grid, "-F", "forks", script=SWEEP)

    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.splitlines()[-1] == forks.stdout.splitlines()[-1]
    on_cluster, in_forks = by_seed(place.runs()), by_seed((place.directory / "forks").glob("[0-9]*"))
    assert on_cluster.keys() == in_forks.keys() == {0, 1, 2, 3}
    for seed, run in on_cluster.items():
        assert points(run) == points(in_forks[seed])
        assert weights(run) == weights(in_forks[seed])
        recorded, alone = entry(run), entry(in_forks[seed])
        assert recorded["host"] == alone["host"]
        assert recorded["result"] == alone["result"]
        assert sorted(recorded["experiment"]["sources"]) == sorted(alone["experiment"]["sources"])
        assert recorded["meta"]["command_line"] == [*alone["meta"]["command_line"][:-2]]
    assert not list((place.directory / "runs").glob(".sweep-*"))


def test_a_killed_worker_loses_no_run(cluster, place):
    first, _ = (cluster.add_worker(name, "--no-nanny") for name in ("first", "second"))
    process = place.start(*MEDIUM, "seed=0..3", "--cluster", cluster.address, script=SWEEP)
    place.await_steps(2, TRAINED, at_once=True)
    first.kill()
    out, err = process.communicate(timeout=120)

    assert process.returncode == 0, out
    assert names_of_gone(err.splitlines()) == ["first"]
    assert sorted(statuses(place)) == ["COMPLETED"] * 4 + ["INTERRUPTED"]
    completed = [run for run in place.runs() if entry(run)["status"] == "COMPLETED"]
    assert set(by_seed(completed)) == {0, 1, 2, 3}
    assert [run for run in completed if "parent" in (run / "info.json").read_text()]


def test_a_lost_connection_loses_no_run_and_no_more_does_another_client_that_restarts_the_workers(cluster, place):
    cluster.add_worker("first")
    with forwarded(cluster.address) as (address, reset):
        process = place.start(*MEDIUM, "seed=0,1", "--cluster", address, script=SWEEP)
        with Client(cluster.address, set_as_default=False) as other:
            place.await_steps(1, TRAINED)
            reset()
            place.await_steps(2, TRAINED)
            other.restart()
        out, err = process.communicate(timeout=120)

    assert process.returncode == 0, err
    assert names_of_gone(err.splitlines()) == ["first"]
    assert statuses(place) == ["COMPLETED", "TERMINATED", "COMPLETED"], out


def test_a_run_whose_worker_dies_twice_is_given_up_and_listed_with_the_reason(cluster, place):
    worker = cluster.add_worker("first")
    process = place.start(*LONG[:-1], "seed=0,1", "--cluster", cluster.address, script=SWEEP)
    for count in (1, 2):
        place.await_steps(count, TRAINED)
        worker.kill()
    place.await_steps(3, TRAINED)
    out, lines = terminated(process)

    assert names_of_gone(lines) == ["first", "first"]
    assert "seed=0  INTERRUPTED: given up: its worker died 2 times: tcp://127.0.0.1:" in out
    assert statuses(place) == ["INTERRUPTED", "INTERRUPTED", "TERMINATED"]


def test_a_run_whose_host_is_killed_goes_on_and_one_whose_process_is_killed_has_failed(cluster, place):
    worker = cluster.add_worker("first")
    process = place.start(*LONG[:-1], "seed=0,1", "--cluster", cluster.address, script=SWEEP)
    place.await_steps(1, TRAINED)
    worker.hosts()[0].kill()
    place.await_steps(2, TRAINED)
    os.kill(entry(place.runs()[1])["process"]["pid"], signal.SIGKILL)
    place.await_steps(3, TRAINED)
    out, lines = terminated(process)

    assert not lines
    assert "seed=0  the process ended with exit status -9" in out
    assert statuses(place) == ["INTERRUPTED", "RUNNING", "TERMINATED"]


def test_a_scheduler_that_dies_ends_the_sweep_in_a_line_and_the_same_command_goes_on(cluster, place):
    cluster.add_worker("first")
    process = place.start(*MEDIUM, "seed=0,1", "--cluster", cluster.address, script=SWEEP)
    place.await_steps(1, TRAINED)
    run = psutil.Process(entry(place.runs()[0])["process"]["pid"])
    cluster.scheduler.kill()
    out, err = process.communicate(timeout=120)
    run.wait(60)
    with_forks = place.run(*MEDIUM, "seed=0,1", script=SWEEP)

    assert process.returncode == 1, out
    assert err.startswith(f"sweep: the scheduler {cluster.address} has gone")
    assert err.count("\n") == 1
    assert "1 of them resumed" in with_forks.stdout
    assert statuses(place) == ["TERMINATED", "COMPLETED", "COMPLETED"]


def test_any_number_of_signals_ends_every_run_with_its_state(two_workers, place):
    process = place.start(*LONG, "--cluster", two_workers.address, script=SWEEP)
    place.await_steps(2, TRAINED)
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    out, err = process.communicate(timeout=120)

    assert (process.returncode, err) == (128 + signal.SIGINT, "")
    assert statuses(place) == ["INTERRUPTED"] * 2
    assert all(list(run.glob("model/last/state-*.json")) for run in place.runs())
    assert "interrupted; 2 runs not started; run the same command again to continue" in out


def test_a_signal_while_the_host_starts_is_not_lost(cluster, place):
    worker = cluster.add_worker("first")
    process = place.start(*LONG, "--cluster", cluster.address, script=SWEEP)
    while not worker.hosts():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (128 + signal.SIGINT, ""), out
    assert not worker.runs()


def test_a_sweep_that_waits_for_another_one_is_interrupted_without_it(cluster, place):
    worker = cluster.add_worker("first")
    first = place.start(*LONG[:-1], "seed=0", "--cluster", cluster.address, script=SWEEP)
    place.await_steps(1, TRAINED)
    second = place.start(*LONG[:-1], "seed=1", "--cluster", cluster.address, "-F", "other", script=SWEEP)
    with Client(cluster.address, set_as_default=False) as client:
        while sum(map(len, client.processing().values())) < 2:
            assert second.poll() is None
            time.sleep(0.1)
    second.send_signal(signal.SIGINT)
    out, err = second.communicate(timeout=60)

    assert (second.returncode, err) == (128 + signal.SIGINT, ""), out
    assert "interrupted; 1 run not started" in out
    assert first.poll() is None
    assert len(worker.runs()) == 1


def test_neither_the_start_nor_ctrl_c_waits_for_a_worker_that_hangs(cluster, place):
    workers = [cluster.add_worker(name, "--no-nanny") for name in ("first", "second")]
    os.kill(workers[1].process.pid, signal.SIGSTOP)
    process = place.start(*LONG[:-1], "seed=0,1", "--cluster", cluster.address, script=SWEEP)
    place.await_steps(1, TRAINED)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 128 + signal.SIGINT, err
    assert statuses(place) == ["INTERRUPTED"]
    silent = r"worker second at tcp://127\.0\.0\.1:\d+ does not answer; "
    assert re.search(rf"{silent}the run may go on there  -\n", out)
    assert re.fullmatch(rf"({silent}if it is not back within minutes, .*\n)?", err)


def test_ctrl_c_on_a_terminal_reaches_only_the_sweep_and_not_the_workers_that_it_has_started(place):
    options = ("--cluster", "local", "--cluster-options", "n_workers=2")
    process = place.start(*LONG, *options, script=SWEEP, cold=True)
    place.await_steps(2, TRAINED)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)

    assert (process.returncode, err) == (128 + signal.SIGINT, ""), out
    assert statuses(place) == ["INTERRUPTED", "INTERRUPTED"]
    assert "interrupted; 2 runs not started" in out
