"""Fixtures of all tests: a real MongoDB server, a small recorded run, and TensorFlow without its noise."""

import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import hypothesis
import pymongo
import pytest
from sacred import Experiment

from experiments.pipeline.processors import usable_processors
from experiments.pipeline.tensorflow import import_tensorflow
from observers import redaction
from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver
from observers.mongodb import delivery_thread
from observers.mongodb.address import read_address
from observers.mongodb.live import LiveDeliveryObserver
from tests.leftovers import mark_processes
from tests.mongod import Mongod, mongod_program, served

if TYPE_CHECKING:
    from tests.browser import BrowserPage

hypothesis.settings.register_profile(  # the machine may be busy
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Import TensorFlow before any test module does, but not in the process that only distributes the tests."""
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        import_tensorflow()
        from core.training.estimator import use_one_thread

        use_one_thread()  # make_estimator could not do it after a test has computed


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run as many workers as there are processors that may be used; pytest-xdist counts those of the machine."""
    return usable_processors()


@pytest.fixture(scope="session", autouse=True)
def handled_signals() -> None:
    """Handle signals even if the shell ignores them, as it does in a background job or under nohup."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def marked_processes() -> None:
    """Leave no process behind, even if this one is killed."""
    mark_processes()


@pytest.fixture(autouse=True)
def no_new_variables() -> Iterator[None]:
    """Remove the environment variables that libraries set when they are imported: runs record those of OpenMP."""
    before = set(os.environ)
    yield
    for name in os.environ.keys() - before:
        del os.environ[name]


@pytest.fixture(autouse=True)
def no_secrets() -> Iterator[None]:
    """Forget the passwords that a test has used: they would be removed from what the next one prints."""
    yield
    redaction._learned.clear()


@pytest.fixture(scope="session")
def mongo_server() -> Iterator[str]:
    """The URL of a MongoDB server without a database: that of MONGO_URL, or of a server for this session."""
    if "MONGO_URL" in os.environ:
        yield os.environ["MONGO_URL"].rpartition("/")[0]
        return
    with served(_mongod(), durable=False) as (server, _):
        yield server.url


@pytest.fixture
def own_server() -> Iterator[Mongod]:
    """A running MongoDB server that the test may kill, stop and start again."""
    with served(_mongod()) as (server, _):
        yield server


@pytest.fixture
def mongo_url(mongo_server) -> Iterator[str]:
    """The URL of an empty database that is dropped after the test."""
    url = f"{mongo_server}/zahlwort_{uuid.uuid4().hex}"
    yield url
    client: pymongo.MongoClient
    with pymongo.MongoClient(url) as client:
        client.drop_database(client.get_default_database())


@pytest.fixture
def plain(mongo_url) -> Iterator[Any]:
    """The database of `mongo_url`, as pymongo shows it."""
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        yield client.get_default_database()


@pytest.fixture
def browser_page() -> Iterator["BrowserPage"]:
    """An empty page of a headless Chromium, which collects its errors."""
    from tests.browser import NoBrowserError, open_page

    with ExitStack() as opened:
        try:
            page = opened.enter_context(open_page())
        except NoBrowserError as error:
            if os.environ.get("WITHOUT_BROWSER"):  # it could not be installed
                pytest.skip(f"no Chromium: {error}")
            _miss(f"no Chromium: {error}")
        yield page


@pytest.fixture
def run_recorded():
    """Run a small Sacred experiment, recorded in a directory and, if an address is given, in MongoDB."""

    def run(directory, address=None, body=None, **options):
        experiment = Experiment("small", base_dir=directory, save_git_info=False)
        observer = RunDirectoryObserver(directory, **options)
        experiment.observers.append(observer)
        if address is not None:
            experiment.observers.append(LiveDeliveryObserver(observer, read_address(address)))
        experiment.add_config(hidden=8)

        @experiment.pre_run_hook
        def at_once(_run):
            log_points_at_once(_run)

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


@pytest.fixture
def patient_delivery(monkeypatch) -> None:
    """Let a run wait at its end until all of it is in MongoDB, however busy the machine is."""
    for name in ("_LAST_TIMEOUT", "_LAST_TIMEOUT_AFTER_ERROR", "_LONGEST_WAIT"):
        monkeypatch.setattr(delivery_thread, name, 60.0)


def _mongod() -> str:
    program = mongod_program()
    if program is None:
        _miss("no MONGO_URL, no mongod on the PATH, and no wheel with one for this platform")
    return program


def _miss(what: str) -> NoReturn:
    """Skip a test that needs something this machine does not have; in CI, fail."""
    (pytest.fail if "CI" in os.environ else pytest.skip)(what)
