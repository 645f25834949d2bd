"""Sweeps in directories of their own that share a grid through one MongoDB, in real processes."""

import re
import socket

import pytest

from tests.experiments.place import SWEEP, Place, entry
from tests.experiments.sweeps.documents import age_claims

pytestmark = pytest.mark.slow

HOST = socket.gethostname()
TINY = ("parity", "fast", "max_steps=4", "evaluate_every=2", "data_size=40")
LONG = ("parity", "fast", "hidden=8", "data_size=60", "max_steps=600", "patience=600", "--jobs", "1")


def test_two_machines_train_every_run_of_a_grid_once(tmp_path, mongo_url, plain):
    places = [Place(tmp_path / name) for name in ("anna", "bert")]
    for place in places:
        place.directory.mkdir()
    grid = (*TINY, "hidden=4,8", "seed=0..3", "--jobs", "1", "-m", mongo_url)
    try:
        started = [place.start(*grid, script=SWEEP) for place in places]
        ended = [(*process.communicate(timeout=300), process.returncode) for process in started]
    finally:
        for place in places:
            place.end()

    assert [status for _, _, status in ended] == [0, 0], ended
    runs = [(run["config"]["hidden"], run["config"]["seed"]) for run in plain.runs.find({"status": "COMPLETED"})]
    assert sorted(runs) == [(hidden, seed) for hidden in (4, 8) for seed in range(4)]
    assert plain.runs.count_documents({}) == sum(len(place.runs()) for place in places) == 8
    assert plain.claims.count_documents({}) == 0
    whole = [out for out, _, _ in ended if "runs on" not in out]
    assert whole
    for out in whole:
        assert re.search(r"\n +4 .* 4\n +8 .* 4\n", out)
    for place, (out, _, _) in zip(places, ended, strict=True):
        elsewhere = re.findall(r"(?:recorded elsewhere, in MongoDB|still running): (\d+)", out)
        assert len(place.runs()) + sum(map(int, elsewhere)) == 8, out


def test_a_machine_ends_what_a_killed_one_had_begun(tmp_path, mongo_url, plain, run_sweep):
    killed = Place(tmp_path / "killed")
    killed.directory.mkdir()
    grid = (*LONG, "seed=0..1", "-m", mongo_url)
    killed.start(*grid, script=SWEEP)
    killed.await_steps(1)
    killed.end()
    age_claims(plain, 0.0)
    while_held = run_sweep(*grid)
    age_claims(plain)
    after = run_sweep(*grid)

    assert while_held.returncode == after.returncode == 0
    assert f"  seed=0: runs on {HOST}\n" in while_held.stdout
    assert while_held.stdout.endswith("\nstill running: 1, whose results the same command shows later\n")
    assert after.stdout.startswith("1 to run, once TensorFlow is imported; 1 recorded already")
    completed = [run["config"]["seed"] for run in plain.runs.find({"status": "COMPLETED"})]
    assert sorted(completed) == [0, 1]


def test_a_machine_with_nothing_on_disk_repeats_nothing_that_is_in_mongodb(tmp_path, mongo_url, run_sweep):
    grid = (*TINY, "hidden=4", "seed=0..1", "-m", mongo_url)
    other = tmp_path / "other"
    other.mkdir()
    here, there = run_sweep(*grid), run_sweep(*grid, directory=other)
    again = run_sweep(*grid, "--again", directory=other)

    assert there.stdout.startswith("2 recorded already (--again repeats them); 2 of those elsewhere, in MongoDB\n")
    assert there.stdout.partition("\n\n")[2].startswith(here.stdout.partition("\n\n")[2].rstrip())
    assert there.stdout.endswith("\nrecorded elsewhere, in MongoDB: 2 of 2 runs\n")
    assert again.stdout.startswith("2 to run")


def test_without_a_server_a_sweep_says_so_in_one_line_and_runs_all(run_sweep, place):
    done = run_sweep(*TINY, "hidden=4", "seed=0..1", "-m", "mongodb://127.0.0.1:9/x?serverSelectionTimeoutMS=100")

    assert done.returncode == 0
    assert done.stderr.count("the sweep goes on, and may repeat runs of other machines") == 1
    assert [entry(run)["status"] for run in place.runs()] == ["COMPLETED", "COMPLETED"]
