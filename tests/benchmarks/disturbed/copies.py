"""Copies of runs and links to them, and commands that run at the same time."""

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pymongo

from tests.benchmarks.disturbed.place import Place, make_place
from tests.benchmarks.measuring.tally import Tally, Try, try_all
from tests.benchmarks.recorded.stored import count_orphans, points_on_disk
from tests.observers.directory.small_run import POINTS

RUNS = 3
_TRIES = 20


def copies(server: str, scale: float) -> Iterator[Tally]:
    """Copy runs and link to them; run two commands at once."""
    count = max(2, round(_TRIES * scale))
    with tempfile.TemporaryDirectory() as directory:
        original = Place(Path(directory), f"{server}/unused")
        original.record(RUNS)
        for fault, attempt, cases in (
            ("a run is copied or linked to", try_copy, list(_COPIES)),
            ("two `sync` at once", try_two_syncs, list(range(count))),
            ("`delete` during a `sync`, and then a new run", try_deletion_during_sync, list(range(count))),
        ):
            yield Tally(fault, try_all(attempt, [(server, original.runs, case) for case in cases]))


def try_copy(server: str, original: Path, name: str) -> Try:
    """Make a copy, deliver, and delete the copy: the original stays."""
    with make_place(server, original) as place:
        attempt = Try("told, and left out", logged=RUNS * POINTS)
        copy = place.runs / name
        _COPIES[name](place.runs, copy)
        for command in ("sync", "sync", "list"):
            ended = place.run(command)
            attempt.expect(ended.status == 0 and str(copy) in ended.printed, f"{command}: {ended.printed}")
        deleted = place.run("delete", name, "--yes")
        attempt.expect(copy.is_symlink() == bool(deleted.status), f"delete: {deleted.printed}")
        attempt.expect(copy.is_symlink() or not copy.exists(), "the copy is not deleted")
        place.sync_and_expect_all(attempt)
        attempt.expect(attempt.stored == points_on_disk(place.runs) == RUNS * POINTS, "points are missing")
        attempt.problems[:] = [f"{name}: {problem}" for problem in attempt.problems]
        return attempt


def try_two_syncs(server: str, original: Path, number: int) -> Try:
    """Deliver the same runs twice at once, from two copies of the directory or from one."""
    with make_place(server, original) as place:
        attempt = Try("every run there once", logged=RUNS * POINTS)
        first = place.start("sync")
        time.sleep(random.Random(number).uniform(0.0, 0.2))
        second = place.start("sync")
        for ended in (first.wait(), second.wait()):
            attempt.expect(ended.status == 0, f"sync: {ended.printed}")
        place.sync_and_expect_all(attempt)
        place.run_without_runs("collect", "--minutes", "0", "--yes")
        place.expect_all_delivered(attempt)
        return attempt


def try_deletion_during_sync(server: str, original: Path, number: int) -> Try:
    """Delete a run while it is delivered; the next run must not get anything of it."""
    with make_place(server, original) as place:
        attempt = Try("the run gone, the others and the next one whole", logged=RUNS * POINTS)
        sync = place.start("sync")
        time.sleep(random.Random(number).uniform(0.0, 0.5))
        deleted = place.run("delete", "3", "--yes")
        synced = sync.wait()
        attempt.expect("Traceback" not in synced.printed + deleted.printed, synced.printed + deleted.printed)
        attempt.expect(deleted.status == 0, f"delete: {deleted.printed}")
        attempt.expect(not (place.runs / "3").exists() and not list(place.runs.glob(".deleted-*")), "run 3 is there")
        place.record()
        place.sync_and_expect_all(attempt)
        attempt.expect((place.runs / "4").exists(), "the id was given again")
        client: pymongo.MongoClient
        with pymongo.MongoClient(place.url) as client:
            documents = client.get_default_database().runs.count_documents({})
        attempt.expect(documents in (RUNS, RUNS + 1), f"{documents} documents")
        if documents > RUNS:
            attempt.outcome = "the others and the next one whole; the document of the deleted run came back"
        place.run_without_runs("collect", "--minutes", "0", "--yes")
        attempt.expect(not count_orphans(place.url), "orphans in MongoDB")
        place.expect_all_delivered(attempt)
        return attempt


_COPIES: dict[str, Callable[[Path, Path], object]] = {
    "4": lambda runs, copy: shutil.copytree(runs / "1", copy),
    "0": lambda runs, copy: shutil.copytree(runs / "2", copy),
    "7": lambda runs, copy: shutil.copytree(runs / "3", copy),
    "latest": lambda runs, copy: copy.symlink_to(runs.resolve() / "3"),
    "5": lambda runs, copy: copy.symlink_to(runs / "1"),
}
