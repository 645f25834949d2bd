"""A delivery that is killed, or loses its connection, at each of its steps in turn."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from observers.__main__ import main as observers
from tests.benchmarks.disturbed.place import Place, make_place
from tests.benchmarks.measuring.forks import CHANGES, NETWORK, calls_of
from tests.benchmarks.measuring.tally import Tally, Try, thin, try_all
from tests.benchmarks.recorded.stored import count_orphans
from tests.observers.directory.small_run import POINTS

RUNS = 3
_FAULTS = {"`sync` is killed": "signal=KILL", "the connection of `sync` breaks": "error=ECONNRESET"}


def disturbed_delivery(server: str, scale: float) -> Iterator[Tally]:
    """Disturb `sync` of three runs at each message to the server and each change on disk."""
    with tempfile.TemporaryDirectory() as directory:
        original = Place(Path(directory), f"{server}/unused")
        original.record(RUNS)
        with make_place(server, original.runs) as place:
            calls = list(calls_of((*CHANGES, *NETWORK), place.directory, observers, place.command("sync")))
        for name, fault in _FAULTS.items():
            steps = [call for call in calls if call[0] in NETWORK or "KILL" in fault]
            yield Tally(
                name, try_all(try_delivery, [(server, original.runs, fault, *step) for step in thin(steps, scale)])
            )


def try_delivery(server: str, original: Path, fault: str, name: str, number: int) -> Try:
    """Disturb a delivery at a step, and deliver again."""
    with make_place(server, original) as place:
        attempt = Try("every run whole after the next `sync`", logged=RUNS * POINTS)
        disturbed = place.run("sync", fault=f"{name}:{fault}:when={number}")
        attempt.expect("Traceback" not in disturbed.printed, disturbed.printed)
        place.sync_and_expect_all(attempt)
        verified = place.run("sync", "--verify")
        attempt.expect("3 runs were there before, with the same contents" in verified.printed, verified.printed)
        collected = place.run_without_runs("collect", "--minutes", "0", "--yes")
        attempt.expect(collected.status == 0 and not count_orphans(place.url), collected.printed)
        place.expect_all_delivered(attempt)
        attempt.problems[:] = [f"{name} {number}: {disturbed.hit}: {problem}" for problem in attempt.problems]
        return attempt
