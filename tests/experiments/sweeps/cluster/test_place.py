"""Runs of a host that shares the directory of the submitter, and of one that does not."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pymongo
import pytest

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster.place import Place, Sweep, find_place, token_in
from experiments.sweeps.executors.worker import Request
from tests.experiments.place import SWEEP

COME = r"worker first at tcp://127\.0\.0\.1:\d+ has come\n"
SMALL = ("parity", "fast", "hidden=8", "data_size=60", "max_steps=20", "evaluate_every=10")


@pytest.fixture
def request_of():
    def make(words, options, *, reads_files=False):
        config = {"hidden": 8, "seed": 3}
        return Request("parity", "experiments/parity.py", words, options, {}, config, reads_files)

    return make


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The working directory of a host."""
    monkeypatch.delenv("MONGO_URL", raising=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


def test_a_host_that_shares_the_directory_records_there_with_the_same_command_line(tmp_path, elsewhere, request_of):
    with token_in(tmp_path / "runs") as token:
        place = find_place(Sweep([], tmp_path, Path("runs"), {}, False, token=token))
    request = request_of(["fast"], ["-F", "runs"])

    assert os.getcwd() == str(tmp_path)  # noqa: PTH109
    assert place == Place(Path("runs"), is_shared=True)
    assert place.adapt(request) == request
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_host_that_shares_only_the_runs_needs_no_config_file_and_resumes_them(tmp_path, request_of):
    place = Place(tmp_path / "runs", is_shared=True)
    options = ["-F", str(tmp_path / "runs")]

    made = place.adapt(request_of(["/tmp/conf.yaml", "hidden=8"], options, reads_files=True))
    assert made == request_of(["hidden=8", "seed=3"], options, reads_files=True)
    assert place.adapt(request_of(["resume=3"], options)) == request_of(["resume=3"], options)


def test_the_token_of_a_killed_sweep_is_removed_by_the_next(tmp_path):
    left, other = tmp_path / ".sweep-a", tmp_path / ".sweep-b"
    code = "import json; from observers.system.process import this_process; print(json.dumps(this_process()))"
    left.write_text(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
    other.write_text(json.dumps({**json.loads(left.read_text()), "hostname": "elsewhere"}))

    with token_in(tmp_path) as token:
        assert {path.name for path in tmp_path.iterdir()} == {token, other.name}


def test_a_host_without_the_directory_needs_mongodb_of_the_option_or_the_environment(tmp_path, elsewhere):
    with pytest.raises(
        UserError, match=r"does not see .*/home/runs: share that directory with it, or deliver the runs"
    ):
        find_place(Sweep([], tmp_path / "home", tmp_path / "home" / "runs", {}, False, token=".sweep-a"))

    delivered = Sweep([], tmp_path / "home", Path("../runs"), {}, True, token=".sweep-a")
    assert find_place(delivered) == Place(Path("runs"), is_shared=False)


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (["fast", "hidden=8"], ["fast", "hidden=8"]),
        (["resume=3"], ["hidden=8", "seed=3"]),
        (["runs/lr=0.01/3/config.json", "hidden=9"], ["hidden=8", "seed=3"]),
        (["config", "hidden=9"], ["hidden=8", "seed=3"]),
    ],
)
def test_a_host_with_mongodb_records_below_its_own_directory(
    tmp_path, elsewhere, monkeypatch, request_of, words, there
):
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:9/x")
    place = find_place(Sweep([], tmp_path / "home", tmp_path / "home" / "runs", {}, False, token=".sweep-a"))
    adapted = place.adapt(request_of(words, ["-F", "/home/runs", "-e"], reads_files=words[-1] == "hidden=9"))

    assert (adapted.words, adapted.options) == (there, ["-F", "runs", "-e"])


@pytest.mark.slow
@pytest.mark.parametrize("is_option", [True, False], ids=["-m", "MONGO_URL"])
def test_runs_of_a_worker_without_the_directory_are_in_its_own_and_in_mongodb(cluster, place, mongo_url, is_option):
    options = ("--cluster", cluster.address, "-F", "deep/runs", *(["-m", mongo_url] if is_option else []))
    environment = {} if is_option else {"MONGO_URL": mongo_url}
    process = place.start(*SMALL, "seed=0..1", *options, script=SWEEP, **environment)
    assert process.stderr.readline().startswith("waiting for workers")
    next((place.directory / "deep" / "runs").glob(".sweep-*")).unlink()  # the worker sees another directory
    (place.directory / "own").mkdir()
    cluster.add_worker("first", threads=2, directory=place.directory / "own")
    out, err = process.communicate(timeout=120)

    assert process.returncode == 0, err
    assert re.fullmatch(COME, err)
    own = place.directory / "own" / "deep" / "runs"
    assert sorted(path.name for path in own.glob("[0-9]*")) == ["1", "2"]
    assert f"{os.uname().nodename}:{own}/1" in out
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        stored: list[Any] = list(client.get_default_database().runs.find())
    assert [run["status"] for run in stored] == ["COMPLETED"] * 2
    assert "mongodb://" not in cluster.log("first") + cluster.log("scheduler")


@pytest.mark.slow
def test_without_mongodb_a_worker_that_does_not_share_the_directory_ends_the_sweep_in_a_line(cluster, place):
    process = place.start(*SMALL, "seed=0..1", "--cluster", cluster.address, script=SWEEP)
    assert process.stderr.readline().startswith("waiting for workers")
    next((place.directory / "runs").glob(".sweep-*")).unlink()
    cluster.add_worker("first")
    out, err = process.communicate(timeout=120)

    assert process.returncode == 1
    assert "no run has a result" in out
    refused = f"sweep: worker first on {os.uname().nodename}: does not see {place.directory}/runs: share"
    assert re.fullmatch(rf"{COME}{re.escape(refused)} .*\n", err)
