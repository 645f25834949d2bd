"""Runs in a process that is not there for them alone: this one, a script, a thread."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pymongo
import pytest
import tensorflow as tf
from tensorflow.python.framework import config

from experiments import number, parity
from experiments.pipeline.errors import UserError
from tests.experiments.configs.test_files import earlier_config
from tests.experiments.place import ROOT, Place, entry, points
from tests.open_files import open_files
from tests.test_imports import EFFECTS

pytestmark = pytest.mark.slow

LONG = {"max_steps": 1000000, "patience": 1000000, "seed": 5}
RECORDED = {"--file_storage": "runs"}
EXPERIMENT = parity.experiment

GUEST = f"""
import json, logging, os, random, signal, sys, threading, warnings
from pathlib import Path
import matplotlib.pyplot
import tensorflow as tf
sys.path.insert(0, {str(ROOT)!r})
from experiments.parity import experiment
from tensorflow.python.framework.config import is_op_determinism_enabled

tf.config.threading.set_inter_op_parallelism_threads(3)
tf.random.set_seed(7)
numbers = tf.random.normal([3])
{EFFECTS[EFFECTS.index("def state") : EFFECTS.index("for name in others")]}

def whole_state():
    switches = is_op_determinism_enabled(), tf.random.get_global_generator() and tf.get_logger().level
    settings = tf.config.threading.get_inter_op_parallelism_threads(), tf.compat.v1.get_default_graph().seed
    return {{**state(), "files": 0, "switches": switches, "settings": settings, "root logger": logging.root.level}}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working directory, without a database in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONGO_URL", raising=False)
    return Place(tmp_path)


def run_code(code, directory):
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MONGO_URL", "TF_CPP_MIN_LOG_LEVEL")
    }
    return subprocess.run(
        [sys.executable, "-c", GUEST + code], cwd=directory, capture_output=True, text=True, env=environment
    )


def test_a_process_that_has_computed_keeps_its_threads_and_all_else_and_the_run_records_them(here):
    done = run_code(
        """
experiment.run(named_configs=["fast"])  # imports and caches what it needs
before = whole_state()
run = experiment.run(named_configs=["fast"], config_updates={"seed": 5}, options={"--file_storage": "runs"})
after = whole_state()
print("changed:", [name for name in before if before[name] != after[name]])
print("random:", tf.random.normal([2]).shape)  # refused where operations are deterministic and no seed is set
""",
        here.directory,
    )

    assert done.returncode == 0, done.stderr
    assert "changed: []\nrandom: (2,)\n" in done.stdout
    assert entry(here.runs()[0])["host"]["tensorflow_threads"] == len(os.sched_getaffinity(0))


def test_runs_of_both_scripts_one_after_another_have_the_bits_of_the_command_line(here, two_runs):
    weights = []
    for experiment, seed in ((parity.experiment, 5), (number.experiment, 1), (parity.experiment, 5)):
        run = experiment.run(named_configs=["fast"], config_updates={"seed": seed}, options=RECORDED)
        assert run.result == entry(here.runs()[-1])["result"]
        [path] = Path(f"runs/{run._id}/model").glob("model.ckpt-*.data-*")
        weights.append(path.read_bytes())
    alone = two_runs.runs()[0]

    assert weights[0] == weights[2] == next(alone.glob("model/model.ckpt-*.data-*")).read_bytes()
    assert points(here.runs()[0]) == points(here.runs()[2]) == points(alone)
    assert (here.runs()[0] / "cout.txt").read_text() == (alone / "cout.txt").read_text()
    assert not (here.runs()[0] / "model" / "last").exists()


def test_a_run_leaves_no_observer_no_thread_no_open_file_and_no_random_state(here):
    config.disable_op_determinism()  # a test may have left it on
    EXPERIMENT.run(named_configs=["fast"], options=RECORDED)
    before = random.getstate(), str(np.random.get_state())
    threads, files = set(threading.enumerate()), open_files()
    EXPERIMENT.run(named_configs=["fast"], options=RECORDED)

    assert (random.getstate(), str(np.random.get_state())) == before
    assert tf.random.uniform([2]).shape == 2  # refused where operations are deterministic and no seed is set
    assert not set(threading.enumerate()) - threads
    assert not open_files() - files
    assert EXPERIMENT.observers == []
    assert EXPERIMENT.logger is None


def test_a_second_run_under_the_same_path_has_event_files_of_its_own(here, monkeypatch):
    for name in ("a", "b"):
        (here.directory / name).mkdir()
        monkeypatch.chdir(here.directory / name)
        EXPERIMENT.run(named_configs=["fast"], options=RECORDED)

    assert [len(list(here.directory.glob(f"{name}/runs/1/model/events*"))) for name in ("a", "b")] == [1, 1]


def interrupt_when_training(place, run_id="1", count=1):
    """Press Ctrl-C when a run has trained a few steps."""

    def wait_and_interrupt():
        deadline = time.monotonic() + 300
        journal = place.directory / "runs" / run_id / "metrics.jsonl"
        while not (journal.exists() and journal.read_text().count("train/loss") >= 5):
            if time.monotonic() > deadline:
                return  # the run has failed, and a signal would meet another test
            time.sleep(0.02)
        for _ in range(count):
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait_and_interrupt).start()


@pytest.mark.parametrize("count", [1, 5])
def test_control_c_saves_the_state_and_a_run_resumes_from_it(here, count, capsys):
    interrupt_when_training(here, count=count)
    with pytest.raises(KeyboardInterrupt):
        EXPERIMENT.run(config_updates=LONG, options=RECORDED)
    [run] = here.runs()
    last = max(step for _, step, _ in points(run))
    assert entry(run)["status"] == "INTERRUPTED"
    assert capsys.readouterr().out.endswith("\ninterrupted; recorded in runs/1\n")
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler

    interrupt_when_training(here, "2")
    with pytest.raises(KeyboardInterrupt):
        EXPERIMENT.run(config_updates={"resume": 1}, options=RECORDED)
    assert here.read("runs/2/info.json")["parent"]["directory"] == "runs/1"
    assert min(step for _, step, _ in points(here.runs()[1])) >= last


def test_another_signal_ends_the_run_in_order_and_then_the_process_as_without_a_run(here):
    code = "experiment.run(config_updates={'max_steps': 10**6, 'patience': 10**6}, options={'--file_storage': 'runs'})"
    with subprocess.Popen(
        [sys.executable, "-c", GUEST + code], cwd=here.directory, stdout=subprocess.DEVNULL
    ) as process:
        here.await_steps(1)
        process.send_signal(signal.SIGUSR1)
        process.wait(timeout=60)

    assert process.returncode == -signal.SIGUSR1
    assert entry(here.runs()[0])["status"] == "TERMINATED"
    assert list(here.runs()[0].glob("model/last/state-*.json"))


def test_a_run_in_another_thread_is_recorded(here):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(EXPERIMENT.run, named_configs=["fast"], options=RECORDED).result()

    assert [entry(run)["status"] for run in here.runs()] == ["COMPLETED"]


def test_two_threads_do_not_train_at_once(here):
    @EXPERIMENT.pre_run_hook
    def start_another():
        with ThreadPoolExecutor(1) as pool, pytest.raises(UserError, match="another thread runs an experiment"):
            pool.submit(number.experiment.run, named_configs=["fast"], options=RECORDED).result()

    try:
        EXPERIMENT.run(named_configs=["fast"], options=RECORDED)
    finally:
        EXPERIMENT.pre_run_hooks.pop()
    assert [entry(run)["status"] for run in here.runs()] == ["COMPLETED"]


def test_a_config_file_is_read_as_on_the_command_line(here):
    made = {"py/reduce": [{"py/function": "os.mkdir"}, {"py/tuple": ["made"]}]}
    (here.directory / "object.json").write_text(json.dumps({"hidden": made}))
    (here.directory / "octal.yaml").write_text("hidden: 010\n")
    (here.directory / "earlier.json").write_text(json.dumps(earlier_config("parity", "softmax")))
    for file, refused in (("object.json", "hidden is not a name with a number"), ("octal.yaml", "the octal number 8")):
        with pytest.raises(UserError, match=refused):
            EXPERIMENT.run(named_configs=[file], options=RECORDED)
    assert not Path("made").exists()
    assert here.runs() == []

    run = EXPERIMENT.run("print_config", {"hidden": np.int64(8)}, named_configs="earlier.json")
    assert (run.config["direction"], type(run.config["hidden"])) == ("forwards", int)


@pytest.mark.parametrize(
    ("config", "options"),
    [
        ({"sed": 1}, {}),
        ({}, {"file_storage": "runs"}),
        ({"batch_size": 0}, {}),
        ({"resume": 9}, {}),
        ({}, {"--id": "x"}),
        ({}, {"--id": "../x"}),
    ],
)
def test_a_refused_run_raises_an_exception_and_records_nothing(here, config, options):
    with pytest.raises(UserError):
        EXPERIMENT.run(config_updates=config, options={**RECORDED, **options})

    assert here.runs() == []
    assert EXPERIMENT.observers == []


def test_a_failed_run_raises_its_exception_and_another_run_succeeds(here, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("experiments.pipeline.training.make_network", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            EXPERIMENT.run(named_configs=["fast"], options=RECORDED)
    EXPERIMENT.run(named_configs=["fast"], options=RECORDED)

    assert [entry(run)["status"] for run in here.runs()] == ["FAILED", "COMPLETED"]


def test_an_address_among_the_options_or_in_the_environment_delivers_to_mongodb(here, mongo_url, monkeypatch):
    EXPERIMENT.run(named_configs=["fast"], options={"--mongo_db": mongo_url})
    monkeypatch.setenv("MONGO_URL", mongo_url)
    EXPERIMENT.run(named_configs=["fast"], options=RECORDED)

    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        assert client.get_default_database().runs.count_documents({"status": "COMPLETED"}) == 2
