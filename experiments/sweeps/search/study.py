"""One search of Optuna: asks it for trials, and tells it how they ended."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from experiments.sweeps.planning.draws import Draws
from experiments.sweeps.search.parameters import make_values, suggest
from experiments.sweeps.trials.journal import alone, named_if_damaged, open_journal

_SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {
    "tpe": lambda seed: TPESampler(seed=seed),
    "random": lambda seed: RandomSampler(seed=seed),
}


class SharedStudy:
    """A study in a journal, in which several processes ask and tell.

    Attributes:
        name: of the study.
        journal: its path.
    """

    def __init__(
        self, name: str, journal: Path, draws: Draws, *, sampler: str, seed: int, higher_is_better: bool
    ) -> None:
        """Open or create a study.

        Args:
            name: of the study.
            journal: its path.
            draws: the search space.
            sampler: tpe or random.
            seed: fixes what is random, for each trial anew: neither the order in which trials end nor an
                interruption changes what `random` asks for.
            higher_is_better: whether more of the validation is better.
        """
        self.name, self.journal = name, journal
        self._draws, self._sampler, self._seed = draws, sampler, seed
        self._storage = open_journal(journal)
        with named_if_damaged(journal):
            self._study = self._open(StudyDirection.MAXIMIZE if higher_is_better else StudyDirection.MINIMIZE)

    def _open(self, direction: StudyDirection) -> optuna.Study:
        """Open or create the study; one that cannot be written can be looked at."""
        try:
            return optuna.create_study(
                study_name=self.name, storage=self._storage, direction=direction, load_if_exists=True
            )
        except OSError:
            if all(study.study_name != self.name for study in self._storage.get_all_studies()):
                raise
            return optuna.load_study(study_name=self.name, storage=self._storage)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process ask or take up trials in such a block."""
        with alone(self.journal.with_suffix(".asking")):
            yield

    def trials(self) -> list[FrozenTrial]:
        """Return all trials, by their numbers."""
        return self._study.get_trials(deepcopy=False)

    def ask(self, number: int) -> FrozenTrial:
        """Ask for a trial: a new one, or one whose process was killed while it asked. Only in a block of `alone`."""
        text = f"{self._seed} {number}".encode()
        self._study.sampler = _SAMPLERS[self._sampler](int.from_bytes(hashlib.sha256(text).digest()[:4]))
        trials = self.trials()
        asked = optuna.Trial(self._study, trials[number]._trial_id) if number < len(trials) else self._study.ask()
        for name, draw in self._draws.items():
            suggest(asked, name, draw)
        return self.trials()[number]

    def values(self, trial: FrozenTrial) -> dict[str, Any] | None:
        """Return the config entries of a trial, None if its process was killed while it asked for it."""
        if trial.params.keys() != self._draws.keys():
            return None
        return make_values(self._draws, trial.params)

    def mark(self, trial: FrozenTrial, name: str, value: Any) -> None:
        """Set an attribute of a trial that has not ended."""
        self._storage.set_trial_user_attr(trial._trial_id, name, value)

    def tell(self, trial: FrozenTrial, state: TrialState, value: float | None = None) -> None:
        """Tell how a trial ended, unless another process has told it."""
        self._study.tell(trial.number, value, state, skip_if_finished=True)
