"""Judges a training in its process: reports its validations to the search, which may prune it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.study import Study

from experiments.sweeps.trials.journal import open_journal
from experiments.sweeps.trials.trial import Trial
from observers.system.stderr import warn


class StudyJudge:
    """Reports the validations of a trial, and rejects those that the pruner of the search rejects.

    A journal that cannot be used ends no training: a line says so, and the trial is not pruned.
    """

    def __init__(self, trial: Trial) -> None:
        """Judge a trial; its journal is opened at the first validation."""
        self._trial = trial
        self._study: Study | None = None
        self._has_failed = False

    @property
    def record(self) -> Mapping[str, Any]:
        """What `info.search` of the run holds."""
        return {"study": self._trial.study, "trial": self._trial.number}

    def rejects(self, step: int, value: float) -> bool:
        """Report a validation, and tell whether it is to be the last one."""
        if self._has_failed:
            return False
        try:
            return self._report(step, value)
        except Exception as error:
            self._has_failed = True
            warn(f"trial {self._trial.number} cannot be pruned: {self._trial.journal}: {error}")
            return False

    def _report(self, step: int, value: float) -> bool:
        if self._study is None:
            storage = open_journal(Path(self._trial.journal))
            self._study = optuna.load_study(
                study_name=self._trial.study,
                storage=storage,
                sampler=optuna.samplers.RandomSampler(),
                pruner=make_pruner(self._trial),
            )
            self._storage = storage
            self._id = self._study.get_trials(deepcopy=False)[self._trial.number]._trial_id
        trial = self._storage.get_trial(self._id)
        if step in trial.intermediate_values:  # the run that this one resumes has reported it
            return False
        self._storage.set_trial_intermediate_value(self._id, step, value)
        return self._study.pruner.prune(self._study, self._storage.get_trial(self._id))


def make_pruner(trial: Trial) -> BasePruner:
    """Make the pruner of a search, with the defaults of Optuna but for the first rung of successive halving."""
    if trial.pruner == "median":
        return MedianPruner()
    if trial.pruner == "halving":
        return SuccessiveHalvingPruner(min_resource=trial.interval)
    return NopPruner()
