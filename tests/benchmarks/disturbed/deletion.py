"""A deletion that is killed or fails at each of its steps in turn."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from observers.__main__ import main as observers
from tests.benchmarks.disturbed.place import Place, make_place
from tests.benchmarks.measuring.forks import NETWORK, calls_of
from tests.benchmarks.measuring.tally import Tally, Try, thin, try_all
from tests.benchmarks.recorded.stored import count_orphans
from tests.observers.directory.small_run import POINTS

RUNS, _DELETED = 3, "3"
_STEPS = ("unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2")
_FAULTS = {
    "`delete` is killed": "signal=KILL",
    "a step of `delete` fails (EIO)": "error=EIO",
    "a step of `delete` fails (EACCES)": "error=EACCES",
}


def disturbed_deletion(server: str, scale: float) -> Iterator[Tally]:
    """Disturb `delete` of one of three runs, which are in MongoDB as well."""
    with tempfile.TemporaryDirectory() as directory:
        original = Place(Path(directory), f"{server}/unused")
        original.record(RUNS)
        with make_place(server, original.runs) as place:
            place.run("sync")
            command = place.command("delete", _DELETED, "--yes")
            calls = list(calls_of((*_STEPS, *NETWORK), place.directory, observers, command))
        for name, fault in _FAULTS.items():
            tries = [(server, original.runs, fault, *call) for call in thin(calls, scale)]
            yield Tally(name, try_all(try_deletion, tries))


def try_deletion(server: str, original: Path, fault: str, name: str, number: int) -> Try:
    """Disturb a deletion at a step, look at what is left, and delete again."""
    with make_place(server, original) as place:
        attempt = Try(logged=(RUNS - 1) * POINTS)
        place.run("sync")
        others = _files(place)
        whole = _files_of(place.runs / _DELETED)
        disturbed = place.run("delete", _DELETED, "--yes", fault=f"{name}:{fault}:when={number}")
        attempt.expect("Traceback" not in disturbed.printed, disturbed.printed)
        attempt.outcome = _look(place, attempt, whole, is_killed="KILL" in fault, said=disturbed.printed)
        if attempt.outcome != "done":
            again = place.run("delete", _DELETED, "--yes")
            attempt.expect(again.status == 0, f"delete again: {again.printed}")
            attempt.outcome += ", and done by the next `delete`"
        attempt.expect(not (place.runs / _DELETED).exists(), "the run is still there")
        attempt.expect(not list(place.runs.glob(".deleted-*")), "its directory is still there")
        attempt.expect(_files(place) == others, "another run has changed")
        place.sync_and_expect_all(attempt)
        place.run_without_runs("collect", "--minutes", "0", "--yes")
        attempt.expect(not count_orphans(place.url), "orphans in MongoDB")
        attempt.expect(attempt.stored == attempt.logged, f"{attempt.stored} points in MongoDB")
        attempt.problems[:] = [f"{name} {number}: {disturbed.hit}: {problem}" for problem in attempt.problems]
        return attempt


def _look(place: Place, attempt: Try, whole: dict[str, bytes], *, is_killed: bool, said: str) -> str:
    """Check what a disturbed deletion has left, and return it in a few words."""
    listed = place.run("list")
    attempt.expect(listed.status == 0, f"list: {listed.printed}")
    if (place.runs / _DELETED).exists():
        attempt.expect(_files_of(place.runs / _DELETED) == whole, "half of the run is left")
        attempt.expect(is_killed or "is left as it is" in said or "MongoDB" in said, f"delete says nothing: {said}")
        place.sync_and_expect_all(attempt)
        return "the run whole"
    if list(place.runs.glob(".deleted-*")):
        attempt.expect("deletion is not finished" in listed.printed, f"list does not show it: {listed.printed}")
        attempt.expect(is_killed or "deletion is not finished" in said, f"delete says nothing: {said}")
        return "unfinished and shown by `list`"
    return "done"


def _files(place: Place) -> dict[str, bytes]:
    """Read the files of the runs that stay."""
    return {
        f"{name}/{path}": content
        for name in ("1", "2")
        for path, content in _files_of(place.runs / name).items()
        if path != "notes.json"
    }


def _files_of(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
