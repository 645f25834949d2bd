"""A directory of runs and a database for one try, and the commands that a user gives there."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymongo

from observers.__main__ import main as observers
from tests.benchmarks.measuring.forks import Ended, Fork
from tests.benchmarks.measuring.tally import Try
from tests.benchmarks.recorded.stored import points_on_disk, read_stored
from tests.observers.directory import small_run


@dataclass(frozen=True)
class Place:
    """Where one try takes place.

    Attributes:
        directory: that holds everything on the disk.
        url: of the database.
    """

    directory: Path
    url: str

    @property
    def runs(self) -> Path:
        """The directory of the runs."""
        return self.directory / "runs"

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of `python -m observers`."""
        return [*arguments, "-F", str(self.runs), "-m", self.url]

    def start(self, *arguments: str, fault: str = "") -> Fork:
        """Start `python -m observers`."""
        return Fork(observers, self.command(*arguments), fault=fault)

    def run(self, *arguments: str, fault: str = "") -> Ended:
        """Run `python -m observers`."""
        return self.start(*arguments, fault=fault).wait()

    def run_without_runs(self, *arguments: str) -> Ended:
        """Run a command of `python -m observers` that takes no directory of runs."""
        return Fork(observers, [*arguments, "-m", self.url]).wait()

    def record(self, runs: int = 1, points: int = small_run.POINTS) -> None:
        """Record small runs, the last of them with an artifact of several chunks."""
        large = self.directory / "large"
        large.write_bytes(bytes(range(256)) * 2400)
        for number in range(runs):
            artifact = str(large) if number == runs - 1 else small_run.__file__
            Fork(record, self.runs, points, artifact).wait()

    def expect_all_delivered(self, attempt: Try) -> None:
        """Check that every run is in MongoDB as it is on the disk, and that `list` says so."""
        listed = self.run("list")
        lines = listed.printed.splitlines()
        attempt.expect(listed.status == 0, f"list: {listed.printed}")
        missing = [line for line in lines if line.split()[0].isdecimal() and not line.endswith(": all")]
        attempt.expect(not missing, f"list: {missing}")
        stored = read_stored(self.runs, self.url)
        attempt.kept, attempt.stored = points_on_disk(self.runs), stored.points
        attempt.expect(not stored.differences, f"MongoDB: {stored.differences}")

    def sync_and_expect_all(self, attempt: Try) -> None:
        """Deliver, as a user does after a fault, and check that every run is there."""
        if self.runs.exists():
            synced = self.run("sync")
            attempt.expect(synced.status == 0, f"sync: {synced.printed}")
            self.expect_all_delivered(attempt)


def record(runs: Path, points: int, artifact: str) -> int:
    """Record a small run."""
    return small_run.main(runs, 0.0, points=points, artifact=artifact)


@contextmanager
def make_place(server: str, original: Path | None = None) -> Iterator[Place]:
    """Provide a place that is gone after the block.

    Args:
        server: the URL of a server, without a database.
        original: a directory of runs to copy.
    """
    url = f"{server}/faults_{uuid.uuid4().hex}"
    with tempfile.TemporaryDirectory() as directory:
        place = Place(Path(directory), url)
        if original is not None:
            shutil.copytree(original, place.runs, symlinks=True)
        try:
            yield place
        finally:
            client: pymongo.MongoClient
            with pymongo.MongoClient(url) as client:
                client.drop_database(client.get_default_database())
