"""Finds the stored run that answers a config: finished, running or interrupted, from the sources of today."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from core.training.model_files import find_model_damage
from experiments.pipeline.config import ENTRIES, complete
from experiments.recording.layout import MODEL
from experiments.recording.resume import find_saved_state
from observers.stored_runs.liveness import is_running
from observers.stored_runs.stored_run import StoredRun
from observers.system.stderr import Warn

_INTERRUPTED = ("INTERRUPTED", "TERMINATED", "DEAD", "RUNNING")
_DONE = ("COMPLETED", "DIVERGED")


class State(Enum):
    """What the store has for a config."""

    MISSING = auto()
    OUTDATED = auto()
    """A result from sources that have changed since."""
    INTERRUPTED = auto()
    """A run with a saved state to resume from."""
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
    """The runs in a directory, each of which answers one config.

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
        self._current: list[StoredRun] = []
        self._outdated: list[StoredRun] = []
        for run in runs:
            if _script_of(run) == script:
                (self._current if _is_current(run, script, sources) else self._outdated).append(run)

    def take(self, config: Mapping[str, Any], *, any_seed: bool) -> Match:
        """Return the run closest to a result, and remove it: each run answers one config.

        Args:
            config: the config entries of the run.
            any_seed: whether a run with another seed counts as well.
        """
        current = [run for run in self._current if _has_config(run, config, any_seed)]
        damage: list[str] = []
        for match in _matches(current, damage):
            self._current = [run for run in self._current if run is not match.run]
            return match
        for line in damage:
            self._warn(f"{line}; it is trained anew")
        outdated = any(run.status in _DONE and _has_config(run, config, any_seed) for run in self._outdated)
        return Match(State.OUTDATED if outdated else State.MISSING)


def _matches(runs: Sequence[StoredRun], damage: list[str]) -> Iterator[Match]:
    """Yield runs with the same config, the closest to a result first; runs that are damaged add a line to `damage`."""
    for run in runs:
        if run.status in _DONE:
            found = find_model_damage(run.directory / MODEL) if run.status == "COMPLETED" else None
            if found is None:
                yield Match(State.DONE, run)
            else:
                damage.append(f"{run.directory} is not counted as completed: {found}")
    yield from (Match(State.RUNNING, run) for run in runs if _still_runs(run))
    for run in reversed(runs):
        if run.status in _INTERRUPTED:
            saved = find_saved_state(run.directory)
            if saved.state is not None:
                yield Match(State.INTERRUPTED, run)
            elif saved.damage:
                damage.append(f"{run.directory} cannot be resumed: {'; '.join(saved.damage)}")


def _still_runs(run: StoredRun) -> bool:
    return run.status == "RUNNING" and is_running(run.entry, directory=run.directory)


def _has_config(run: StoredRun, config: Mapping[str, Any], any_seed: bool) -> bool:
    stored = complete(run.config)
    return all(stored.get(name) == config[name] for name in ENTRIES if name != "seed" or not any_seed)


def _script_of(run: StoredRun) -> str | None:
    """Return the script that recorded a run, None if the run is damaged."""
    try:
        script: str = run.entry["experiment"]["mainfile"]
        return script
    except (KeyError, TypeError):
        return None


def _is_current(run: StoredRun, script: str, sources: Mapping[str, str]) -> bool:
    """Return whether a run was made from these sources, False if it is damaged."""
    try:
        stored = {str(name): Path(kept).stem for name, kept in run.entry["experiment"]["sources"]}
    except (KeyError, TypeError, ValueError):
        return False
    return script in stored and all(sources.get(name, "missing") in stored[name] for name in stored)
