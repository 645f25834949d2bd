"""A disk that can be filled, runs that can be damaged, and databases."""

import math
import shutil
import subprocess
from contextlib import suppress

import pytest

from observers.mongodb.address import read_address
from observers.mongodb.database import Database
from observers.system.files import read_json, write_json
from tests.observers.damage import DIED, damage
from tests.observers.small_experiment import make_experiment


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of a size such as 64k."""
    directory = tmp_path / "disk"

    def mount(size):
        directory.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
        try:
            mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            mounted = False
        if not mounted:
            pytest.skip("only root can mount a disk")
        return directory

    try:
        yield mount
    finally:
        if directory.is_mount():
            subprocess.run(["umount", "-l", str(directory)], check=True)


def fill_disk(path):
    """Fill a disk with a file."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return tmp_path_factory.mktemp("originals")


@pytest.fixture
def originals_recorded(originals, run_recorded, monkeypatch):
    """Two runs, one that has ended and one that was killed."""
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")
    if not list(originals.iterdir()):
        (originals / "model.bin").write_bytes(bytes(range(256)))
        run_recorded(originals / "runs", body=fill)
        run_recorded(originals / "runs", body=fill)
        ended = read_json(originals / "runs" / DIED / "run.json")
        del ended["stop_time"]
        write_json(originals / "runs" / DIED / "run.json", {**ended, **killed(ended)})
        (originals / "runs" / DIED / ".reserve").write_bytes(bytes(100))
    return originals / "runs"


def fill(run):
    for step in range(30, 60):
        run.log_scalar("train/loss", 1 / step, step)
        run.log_scalar("train/words", math.nan, step)
    run.add_artifact(run.observers[0].directory.parent.parent / "model.bin")


def killed(entry):
    return {"status": "RUNNING", "process": {**entry["process"], "started": 1}}


@pytest.fixture
def damaged(originals_recorded, tmp_path):
    """Make damaged copies of the runs."""

    def make(seed):
        runs = tmp_path / "runs"
        shutil.rmtree(runs, ignore_errors=True)
        shutil.copytree(originals_recorded, runs)
        return runs, damage(runs, seed)

    return make


@pytest.fixture
def database(mongo_url):
    """An empty database with its indexes."""
    database = Database(read_address(mongo_url), timeout=10.0)
    database.make_indexes(pytest.fail)
    yield database
    database.close()


@pytest.fixture
def experiment(monkeypatch, tmp_path):
    """An experiment that logs two points, in an empty directory."""
    monkeypatch.delenv("MONGO_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return make_experiment()
