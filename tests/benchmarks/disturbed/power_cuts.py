"""The power is cut while a run goes on: only what was flushed survives."""

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from experiments.pipeline.tensorflow import import_training
from observers.directory.journal_reader import read_points
from observers.stored_runs.runs_directory import read_runs
from tests.benchmarks.disturbed.place import make_place
from tests.benchmarks.measuring.forks import Fork
from tests.benchmarks.measuring.tally import Tally, Try, thin, try_all
from tests.observers.directory import small_run
from tests.power_cut import Names, watch

_SECONDS, _POINTS = 25.0, 250  # of a small run
_BOUND = timedelta(seconds=10)  # a running run may lose what is younger
_MOST_CUTS = 60


def power_cuts(server: str, scale: float) -> Iterator[Tally]:
    """Cut the power before each flush of a small run, and of a training, and at the end."""
    for name, record, part in (
        ("a small run of 25 s", _record_small, 1.0),
        ("a training of a few seconds", _record_training, 0.5),
    ):
        with tempfile.TemporaryDirectory() as directory:
            place = Path(directory)
            recorded = Fork(_record_and_cut, record, place, scale * part).wait()
            if recorded.status:
                raise RuntimeError(recorded.printed)
            cuts = json.loads((place / "cuts.json").read_text())
            tries = try_all(
                try_cut, [(server, place, is_training := record is _record_training, *cut) for cut in cuts]
            )
            yield Tally(f"the power is cut during {name}{' (models included)' * is_training}", tries)


def try_cut(server: str, place: Path, is_training: bool, name: str, time_of_cut: str) -> Try:
    """Look at what a cut has left, and do what a user does next."""
    cut = datetime.fromisoformat(time_of_cut)
    logged = [p for run in (place / "watched" / "runs").glob("[0-9]*") for p in read_points(run / "metrics.jsonl")]
    before = [point.timestamp for point in logged if point.timestamp <= cut]
    with make_place(server, place / name / "runs" if (place / name / "runs").exists() else None) as after:
        attempt = Try("no run yet", logged=len(before))
        runs = list(read_runs(after.runs, lambda _: None)) if after.runs.exists() else []
        if runs:
            if is_training:
                from tests.experiments.surviving import untruths

                found = untruths(after.runs)
                attempt.expect(not found, f"{found}")
            was_completed = runs[0].status == "COMPLETED"
            attempt.expect(after.run("reap").status == 0, "reap")
            after.sync_and_expect_all(attempt)
            status = next(run.status for run in read_runs(after.runs, lambda _: None))
            attempt.outcome = status if status == "COMPLETED" else f"{status} after `reap`"
            old = len(before) if was_completed else sum(time < cut - _BOUND for time in before)
            attempt.expect(attempt.kept >= old, f"{attempt.kept} of {old} points that must survive")
        attempt.problems[:] = [f"cut {name}: {problem}" for problem in attempt.problems]
        return attempt


def _record_and_cut(record: Callable[[Path], int], place: Path, scale: float) -> int:
    """Record a run, and make what would be left of it after some of the cuts."""
    watched = place / "watched"
    watched.mkdir()
    with watch(watched) as disk:
        status = record(watched)
    cuts = []
    for number, cut in thin(list(enumerate(disk.cuts)), min(scale, _MOST_CUTS * scale / len(disk.cuts))):
        for names in Names:
            cuts.append((f"{number}-{names.name}", cut.time.isoformat()))
            disk.build(cut, place / cuts[-1][0], names)
    (place / "cuts.json").write_text(json.dumps(cuts))
    return status


def _record_small(directory: Path) -> int:
    return small_run.main(directory / "runs", _SECONDS, points=_POINTS)


def _record_training(directory: Path) -> int:
    import_training()
    from tests.experiments.saved_training import CONFIG, train

    return train(directory, "with", *CONFIG)
