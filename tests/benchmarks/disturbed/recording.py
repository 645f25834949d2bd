"""A run whose system calls fail or that is killed at one of them, each in turn."""

import mmap
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from observers.stored_runs.runs_directory import read_runs
from tests.benchmarks.disturbed.place import Place, make_place
from tests.benchmarks.measuring.forks import CHANGES, calls_of, run_in_fork
from tests.benchmarks.measuring.tally import Tally, Try, thin, try_all
from tests.observers.directory import small_run

_PROCESSES = {True: 3, False: 8}  # at a time: runs whose calls go on failing wait for most of the time


def failing_run(server: str, scale: float) -> Iterator[Tally]:
    """Let each call of a run fail, once or from then on, because of the disk or for want of space."""
    calls = thin(_calls(), scale)
    for once in (True, False):
        for error in ("EIO", "ENOSPC"):
            fault = "a call fails once" if once else "all calls of a kind in the main thread fail from one on"
            tries = [(server, error, once, *call) for call in calls]
            yield Tally(f"{fault} ({error})", try_all(try_failing, tries, processes=_PROCESSES[once]))


def killed_run(server: str, scale: float) -> Iterator[Tally]:
    """Kill a run at each of its calls, from its start to its end."""
    yield Tally("a run is killed", try_all(try_killed, [(server, *call) for call in thin(_calls(), scale)]))


def try_failing(server: str, error: str, once: bool, name: str, number: int) -> Try:
    """Record a run of which calls fail."""
    with make_place(server) as place:
        attempt, logged = Try(), mmap.mmap(-1, 1)
        ended = run_in_fork(_record, place.runs, logged, fault=f"{name}:error={error}:when={number}{'+' * (not once)}")
        attempt.logged = logged[0]
        lines = [line for line in ended.printed.splitlines() if line.strip() not in ("", "measured")]
        attempt.expect("Traceback" not in ended.printed, ended.printed)
        if once:
            attempt.expect((ended.status, lines) == (0, []), f"exit status {ended.status}: {lines}")
        else:
            attempt.expect(
                ended.status in (0, 1) and (bool(lines) == ended.status or name == "write"), f"{ended.status}: {lines}"
            )
            attempt.expect(len(lines) <= 2, f"{len(lines)} lines: {lines}")
        is_refused = ended.status == 1 and not (place.runs / "1").exists()
        _continue(place, attempt, is_there=not is_refused)
        lost = attempt.logged - attempt.kept
        attempt.expect(lost <= 0 or (ended.status == 1 and not once), f"{lost} points lost")
        attempt.outcome = "no run, and a line" if is_refused else "told, exit status 1" if ended.status else "whole"
        attempt.problems[:] = [f"{ended.hit}: {problem}; {lines}" for problem in attempt.problems]
        return attempt


def try_killed(server: str, name: str, number: int) -> Try:
    """Kill a run at a call."""
    with make_place(server) as place:
        attempt, logged = Try(), mmap.mmap(-1, 1)
        ended = run_in_fork(_record, place.runs, logged, fault=f"{name}:signal=KILL:when={number}")
        attempt.logged = logged[0]
        is_there = (place.runs / "1").exists()
        _continue(place, attempt, is_there=is_there)
        attempt.expect(attempt.kept >= attempt.logged, f"{attempt.logged - attempt.kept} points lost")
        status = "no run" if not is_there else _status(place)
        attempt.outcome = f"{status} after `reap`" if status == "DEAD" else status
        attempt.problems[:] = [f"{ended.hit}: {problem}" for problem in attempt.problems]
        return attempt


def _continue(place: Place, attempt: Try, *, is_there: bool) -> None:
    """Do what a user does next: reap, sync, and record another run."""
    if is_there:
        reaped = place.run("reap")
        attempt.expect(reaped.status == 0, f"reap: {reaped.printed}")
        attempt.expect(_status(place) in ("COMPLETED", "DEAD"), f"{_status(place)} after reap")
        place.sync_and_expect_all(attempt)
    else:
        attempt.expect(not (place.runs / "1").exists(), "the run is there")
    kept, stored = attempt.kept, attempt.stored
    place.record()
    place.sync_and_expect_all(attempt)
    attempt.expect(attempt.stored == stored + small_run.POINTS, "the next run is not whole")
    attempt.kept, attempt.stored = kept, stored


def _status(place: Place) -> str:
    if not place.runs.exists():
        return "gone"
    statuses = [run.status for run in read_runs(place.runs, lambda _: None) if run.directory.name == "1"]
    return statuses[0] if statuses else "cannot be read"


def _record(runs: Path, logged: mmap.mmap) -> int:
    def count() -> None:
        logged[0] += 1

    try:
        return small_run.main(runs, 0.0, on_point=count)
    except Exception as error:  # in one line, as the command line of an experiment does
        sys.exit(str(error))


def _calls() -> list[tuple[str, int]]:
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        return list(calls_of(CHANGES, place, _record, place / "runs", mmap.mmap(-1, 1)))
