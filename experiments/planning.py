"""Plans a sweep: the command line of each run, unless the store has the run already."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacred import Experiment
from sacred.config.config_files import load_config_file
from sacred.initialize import create_run

from experiments.grid import Values
from experiments.resuming import can_be_resumed
from experiments.settings import ENTRIES
from observers.stored_runs import StoredRun, lives

_DONE = ("COMPLETED", "DIVERGED")
_INTERRUPTED = ("INTERRUPTED", "TERMINATED", "DEAD", "RUNNING")


@dataclass(frozen=True)
class Planned:
    """A run of a sweep.

    Attributes:
        values: the config entries that the sweep gives it.
        arguments: its command line, behind the script.
        stored: the run that the store has of it: one that has its result, one that still runs, or one that was
            interrupted; or None.
        resumes: whether the stored run was interrupted, and the arguments go on with it.
        outdated: whether the store has its result, but from sources that have changed since.
    """

    values: Values
    arguments: Sequence[str]
    stored: StoredRun | None = None
    resumes: bool = False
    outdated: bool = False

    @property
    def under_way(self) -> bool:
        """Whether the stored run still runs."""
        return self.stored is not None and _is_under_way(self.stored)

    @property
    def to_be_run(self) -> bool:
        """Whether there is something to do."""
        return self.stored is None or self.resumes


class Store:
    """The runs of a directory whose sources are those of today.

    A run is the same as another when both have the same config and no source that it was made from has changed since.
    Where a sweep leaves the seed open, any seed will do. A run is found once.
    """

    def __init__(self, runs: Iterable[StoredRun], script: str, sources: Mapping[str, str]) -> None:
        """Look through the runs of a script.

        Args:
            runs: in the order of the store.
            script: its path below the root of the project.
            sources: the digests of the project's sources today, by such paths.
        """
        self._runs: list[StoredRun] = []
        self._outdated: list[StoredRun] = []
        for run in runs:
            if _script_of(run) == script:
                (self._runs if _is_of_today(run, script, sources) else self._outdated).append(run)

    def find(self, config: Mapping[str, Any], *, seed_is_open: bool) -> StoredRun | None:
        """Find the run of a config that is nearest to its result: a completed one before one that was interrupted."""
        same = _with_config(self._runs, config, seed_is_open)
        done = [run for run in same if run.status in _DONE]
        running = [run for run in same if _is_under_way(run)]
        begun = [run for run in same if run.status in _INTERRUPTED and can_be_resumed(run.directory)]
        found = next(iter([*done, *running, *reversed(begun)]), None)
        self._runs = [run for run in self._runs if run is not found]
        return found

    def has_outdated(self, config: Mapping[str, Any], *, seed_is_open: bool) -> bool:
        """Tell whether there is a result of a config from sources that have changed since."""
        return any(run.status in _DONE for run in _with_config(self._outdated, config, seed_is_open))


def plan(
    experiment: Experiment,
    points: Iterable[Values],
    *,
    named_configs: Sequence[str],
    options: Sequence[str],
    store: Store,
) -> list[Planned]:
    """Plan the runs of a sweep, and check the config of each.

    Args:
        experiment: that trains.
        points: the config entries of each run.
        named_configs: of every run.
        options: of every run, for its command line.
        store: has what needs not be run again.

    Raises:
        SacredError: when a config is refused.
    """
    files = [load_config_file(name) for name in named_configs if Path(name).is_file()]
    planned, seen = [], set()
    for values in points:
        checked = create_run(experiment, "print_config", dict(values), named_configs, log_level="ERROR")
        seed_is_open = not any("seed" in given for given in (values, *files))
        key = repr([checked.config[name] for name in ENTRIES])
        if not seed_is_open and key in seen:
            continue  # a draw that came out twice
        seen.add(key)
        stored = store.find(checked.config, seed_is_open=seed_is_open)
        outdated = stored is None and store.has_outdated(checked.config, seed_is_open=seed_is_open)
        resumes = stored is not None and stored.status in _INTERRUPTED and not _is_under_way(stored)
        updates = [*named_configs, *(f"{name}={value}" for name, value in values.items())]
        if stored is not None and resumes:
            updates = [f"resume={stored.directory.name}"]
        arguments = [*(["with", *updates] if updates else []), *options]
        planned.append(Planned(values, arguments, stored, resumes, outdated))
    return planned


def typed(script: Path) -> str:
    """Write the path of a script as one types it here."""
    return os.path.relpath(script)


def _is_under_way(run: StoredRun) -> bool:
    return run.status == "RUNNING" and lives(run.entry)


def _with_config(runs: Iterable[StoredRun], config: Mapping[str, Any], seed_is_open: bool) -> list[StoredRun]:
    names = [name for name in ENTRIES if name != "seed" or not seed_is_open]
    wanted = [config[name] for name in names]
    return [run for run in runs if [run.config.get(name) for name in names] == wanted]


def _script_of(run: StoredRun) -> str | None:
    """Read which script a run is of; of a damaged one nobody knows."""
    try:
        script: str = run.entry["experiment"]["mainfile"]
        return script
    except (KeyError, TypeError):
        return None


def _is_of_today(run: StoredRun, script: str, sources: Mapping[str, str]) -> bool:
    """Tell whether the sources of a run are these; of a damaged one nobody knows."""
    try:
        stored = {str(name): Path(kept).stem for name, kept in run.entry["experiment"]["sources"]}
    except (KeyError, TypeError, ValueError):
        return False
    return script in stored and all(sources.get(name, "missing") in stored[name] for name in stored)
