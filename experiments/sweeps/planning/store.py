"""Finds the stored run that answers a config: finished, running or interrupted, from the sources of today."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from core.training.model_files import find_model_damage
from experiments.recording.layout import MODEL
from experiments.recording.resume import find_saved_state
from experiments.sweeps.planning.index import RunIndex
from observers.mongodb.reading.runs import RunInMongoDB
from observers.stored_runs.liveness import is_running
from observers.stored_runs.stored_run import StoredRun, read_again
from observers.system.stderr import Warn

_INTERRUPTED = ("INTERRUPTED", "TERMINATED", "PRUNED", "DEAD", "RUNNING")
DONE = ("COMPLETED", "DIVERGED")
"""How a run ends that has an outcome."""


class State(Enum):
    """What the store has for a config."""

    MISSING = auto()
    OUTDATED = auto()
    """A result from sources that have changed since."""
    INTERRUPTED = auto()
    """A run with a saved state to resume from; also a pruned one, which then trains to its end."""
    RUNNING = auto()
    DONE = auto()


@dataclass(frozen=True)
class Match:
    """The stored run for a config.

    Attributes:
        state: what the store has.
        run: the run, None if it is missing or outdated.
    """

    state: State
    run: StoredRun | None = None


class Store:
    """The runs in a directory and in MongoDB, each of which answers one config.

    A stored run answers a config if it has the same values, none of its sources has changed since, and the files that
    it left are not damaged.
    """

    def __init__(
        self, runs: Iterable[StoredRun], script: str, sources: Mapping[str, str], warn: Warn = lambda _: None
    ) -> None:
        """Keep the runs of a script.

        Args:
            runs: in the order of their ids.
            script: its path relative to the root of the project.
            sources: the digests of the project's sources now, by such paths.
            warn: takes a line for each run that cannot answer its config because it is damaged.
        """
        self._warn = warn
        self._current, self._outdated = RunIndex(), RunIndex()
        is_current = _SourceCheck(script, sources)
        for run in runs:
            if _script_of(run) != script:
                continue
            if not is_current(run):
                if run.status in DONE:
                    self._outdated.add(run)
            elif run.status in (*DONE, *_INTERRUPTED):
                self._current.add(run)

    def take(self, config: Mapping[str, Any], *, any_seed: bool) -> Match:
        """Return the run closest to a result, and remove it: each run answers one config.

        Args:
            config: the config entries of the run.
            any_seed: whether a run with another seed counts as well.
        """
        damage: list[str] = []
        for run in self._current.find(config, any_seed=any_seed):
            self._note_end(run)
        for match in _matches(self._current.find(config, any_seed=any_seed), damage):
            if match.run is not None:
                self._current.remove(match.run)
            return match
        for line in damage:
            self._warn(f"{line}; it is trained anew")
        outdated = self._outdated.find(config, any_seed=any_seed)
        return Match(State.OUTDATED if outdated else State.MISSING)

    def _note_end(self, run: StoredRun) -> None:
        """Take a run that has ended since it was read as it is recorded now."""
        if run.status != "RUNNING" or _still_runs(run) or isinstance(run, RunInMongoDB):
            return
        now = read_again(run)
        if now is not None and now.status != "RUNNING":
            self._current.remove(run)
            self._current.add(now)


def _matches(runs: Sequence[StoredRun], damage: list[str]) -> Iterator[Match]:
    """Yield runs with the same config, the closest to a result first; runs that are damaged add a line to `damage`."""
    for run in runs:
        if run.status in DONE:
            has_model = run.status == "COMPLETED" and not isinstance(run, RunInMongoDB)
            found = find_model_damage(run.directory / MODEL) if has_model else None
            if found is None:
                yield Match(State.DONE, run)
            else:
                damage.append(f"{run.directory} is not counted as completed: {found}")
    yield from (Match(State.RUNNING, run) for run in runs if _still_runs(run))
    for run in reversed(runs):
        if run.status in _INTERRUPTED and not isinstance(run, RunInMongoDB):  # its state is elsewhere
            saved = find_saved_state(run.directory)
            if saved.state is not None:
                yield Match(State.INTERRUPTED, run)
            elif saved.damage:
                damage.append(f"{run.directory} cannot be resumed: {'; '.join(saved.damage)}")


def _still_runs(run: StoredRun) -> bool:
    if isinstance(run, RunInMongoDB):
        return run.goes_on
    return run.status == "RUNNING" and is_running(run.entry, directory=run.directory)


def _script_of(run: StoredRun) -> str | None:
    """Return the script that recorded a run, None if the run is damaged."""
    try:
        script: str = run.entry["experiment"]["mainfile"]
        return script
    except (KeyError, TypeError):
        return None


class _SourceCheck:
    """Tells whether a run was made from the sources of today; runs of the same sources share the answer."""

    def __init__(self, script: str, sources: Mapping[str, str]) -> None:
        self._script = script
        self._sources = sources
        self._known: dict[tuple[tuple[str, str], ...], bool] = {}

    def __call__(self, run: StoredRun) -> bool:
        """Return the answer, False for a damaged run."""
        try:
            stored = tuple((str(name), str(kept)) for name, kept in run.entry["experiment"]["sources"])
        except (KeyError, TypeError, ValueError):
            return False
        if stored not in self._known:
            self._known[stored] = self._compare(stored)
        return self._known[stored]

    def _compare(self, stored: Iterable[tuple[str, str]]) -> bool:
        digests = {name: Path(kept).stem for name, kept in stored}
        return self._script in digests and all(self._sources.get(name, "missing") in digests[name] for name in digests)
