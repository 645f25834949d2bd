"""Finds the recorded runs of the trials of a search."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial

from experiments.sweeps.planning.store import DONE
from experiments.sweeps.trials.holders import HOLDER, is_held
from observers.stored_runs.liveness import is_running
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun, read_again, read_run
from observers.system.stderr import ignore

RUN = "run"
"""The attribute of an ended trial that names its run."""


class RecordedTrials:
    """The runs of the trials of all searches in a directory. A trial that was resumed has several: the last counts."""

    def __init__(self, runs: Path, stored: Iterable[StoredRun]) -> None:
        """Keep what is recorded already.

        Args:
            runs: the directory of the runs.
            stored: the runs there, in the order of their ids.
        """
        self._runs = runs
        kept = list(stored)
        self._found = _by_trial(kept)
        self._resumed = {_parent_of(run): run for run in kept}
        self._holders: dict[tuple[str, int], Any] = {}

    def look(self, study: str, trials: Iterable[FrozenTrial]) -> None:
        """Read the directory again, once, if others have left open trials of a study since the last look."""
        left = [each for each in trials if not (each.state.is_finished() or is_held(each.user_attrs))]
        if not all(self.has_looked(study, trial) for trial in left):
            with suppress(ValueError, OSError):
                self._found = _by_trial(read_runs(self._runs, ignore))
            self._holders.update({(study, trial.number): trial.user_attrs.get(HOLDER) for trial in left})

    def has_looked(self, study: str, trial: FrozenTrial) -> bool:
        """Tell whether the last look was after the last holder of a trial; one that nobody has begun needs none."""
        holder, key = trial.user_attrs.get(HOLDER), (study, trial.number)
        return HOLDER not in trial.user_attrs or (key in self._holders and self._holders[key] == holder)

    def find(self, study: str, trial: FrozenTrial) -> StoredRun | None:
        """Return the last run of a trial at the last look, as it is now; None if nothing is recorded."""
        if HOLDER not in trial.user_attrs:  # nobody has begun it
            return None
        found = self._found.get((study, trial.number))
        return read_again(found) if found is not None else None

    def named(self, attributes: Mapping[str, Any]) -> StoredRun | None:
        """Return the run that an ended trial names, None if it is no longer there.

        If it was pruned, and later resumed to its end, that end counts.
        """
        name = attributes.get(RUN)
        if not isinstance(name, dict) or not str(name.get("id")).isdecimal():
            return None
        with suppress(ValueError, OSError):
            run = read_run(self._runs / str(name["id"]))
            return self._end_of(run) if run.uuid == name.get("uuid") else None
        return None

    def _end_of(self, pruned: StoredRun) -> StoredRun:
        """Return the end of a pruned run that was resumed with the same config and sources, else the run itself."""
        run, known = pruned, {pruned.uuid}
        while run.status not in DONE:
            later = self._resumed.get(run.uuid)
            if later is None or later.uuid in known or not _is_alike(later, pruned):
                return pruned
            run = later
            known.add(run.uuid)
        return run


def trial_of(run: StoredRun) -> tuple[str, int] | None:
    """Return the study and the number of the trial that a run is, None if it is none."""
    search = run.info.get("search")
    if not isinstance(search, dict) or not isinstance(search.get("trial"), int):
        return None
    return str(search.get("study")), int(search["trial"])


def goes_on(run: StoredRun | None) -> bool:
    """Tell whether the process of a run is alive, as the run is recorded now."""
    now = read_again(run) if run is not None else None
    return now is not None and now.status == "RUNNING" and is_running(now.entry, directory=now.directory)


def name_of(run: StoredRun) -> dict[str, str]:
    """Name a run for the attributes of its trial."""
    return {"id": run.directory.name, "uuid": run.uuid}


def _by_trial(stored: Iterable[StoredRun]) -> dict[tuple[str, int], StoredRun]:
    named = ((trial_of(run), run) for run in stored)
    return {trial: run for trial, run in named if trial is not None}


def _parent_of(run: StoredRun) -> str | None:
    parent = run.info.get("parent")
    return str(parent.get("uuid")) if isinstance(parent, dict) else None


def _is_alike(run: StoredRun, other: StoredRun) -> bool:
    """Tell whether two runs have the same config and sources."""
    sources, others = (each.entry.get("experiment", {}).get("sources") for each in (run, other))
    return run.config == other.config and sources == others
