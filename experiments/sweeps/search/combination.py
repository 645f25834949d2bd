"""Searches for one combination of the values in lists: hands out trials as runs, and learns how they end."""

import dataclasses
from collections.abc import Callable, Collection, Iterator

from optuna.trial import FrozenTrial, TrialState
from sacred.utils import SacredError

from experiments.cli.errors import line_of
from experiments.recording.resume import can_be_resumed
from experiments.sweeps.planning.grid import Values
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.planning.store import DONE, State
from experiments.sweeps.results import RunResult
from experiments.sweeps.search.recorded import RUN, RecordedTrials, goes_on, name_of
from experiments.sweeps.search.study import SharedStudy
from experiments.sweeps.trials.holders import HOLDER, is_held, new_holder
from experiments.sweeps.trials.trial import Trial
from observers.stored_runs.stored_run import StoredRun

_REFUSED, _EQUAL = "refused", "equal_to"  # attributes of a trial
_ENDED = (*DONE, "PRUNED")


class CombinationSearch:
    """Hands out the trials of one study.

    A trial that fails stays open: this search goes on with others, and the same command repeats it.
    """

    def __init__(
        self,
        study: SharedStudy,
        recorded: RecordedTrials,
        plan: Callable[[Values, StoredRun | None], PlannedRun],
        *,
        fixed: Values,
        any_seed: bool,
        trials: int,
        pruner: str,
    ) -> None:
        """Search with a study.

        Args:
            study: asks and tells.
            recorded: the runs of trials.
            plan: plans the run of config entries, with the recorded run that answers them if it is known; raises
                SacredError if they are invalid.
            fixed: the config entries that are the same in all trials.
            any_seed: whether each trial has another seed, so that those with equal values differ.
            trials: their number, those of other processes included.
            pruner: one of experiments.sweeps.trials.options.PRUNERS.
        """
        self._study, self._recorded, self._plan = study, recorded, plan
        self._fixed, self._any_seed, self._count, self._pruner = fixed, any_seed, trials, pruner
        self._tried: dict[int, RunResult] = {}
        self._elsewhere: dict[int, StoredRun] = {}

    @property
    def waiting(self) -> int:
        """How many trials have not ended."""
        return self._count - sum(trial.state.is_finished() for trial in self._trials())

    def take(self) -> PlannedRun | None:
        """Return the next run: of a trial whose process is dead, or else of a new one; None if there is none now."""
        self._recorded.look(self._study.name, self._trials())
        if len(trials := self._trials()) == self._count and not any(map(self._is_free, trials)):
            return None
        passed: set[int] = set()
        while True:
            with self._study.alone():  # for one trial, since others would break a lock that is held for long
                trial = self._next(passed)
                run = self._start(trial) if trial is not None else None
            if trial is None or run is not None:
                return run
            passed.add(trial.number)

    def end(self, run: PlannedRun, result: RunResult) -> None:
        """Tell the study how a run ended."""
        assert run.trial is not None
        trial = self._trials()[run.trial.number]
        if trial.state.is_finished():
            return
        if result.error is None and result.run is not None and result.run.status in _ENDED:
            self._tell(trial, result.run)
        else:
            self._tried[trial.number] = result
            self._study.mark(trial, HOLDER, None)

    def results(self) -> Iterator[RunResult]:
        """Yield what is known of each trial: its run, why it has none, or that it still runs elsewhere."""
        for trial in self._trials():
            values = self._values(trial)
            tried = self._tried.get(trial.number)
            if trial.state.is_finished():
                if _REFUSED in trial.user_attrs:
                    yield RunResult(values, None, f"refused: {trial.user_attrs[_REFUSED]}")
                elif (run := self._recorded.named(trial.user_attrs)) is not None:
                    yield RunResult(values, run)
            elif tried is not None:
                yield tried

    @property
    def running(self) -> int:
        """How many trials other processes run now."""
        self._recorded.look(self._study.name, self._trials())
        going = [trial for trial in self._trials() if not trial.state.is_finished() and not self._is_free(trial)]
        return sum(trial.number not in self._tried for trial in going)

    @property
    def equal(self) -> int:
        """How many trials have ended as an equal one, without a run of their own."""
        return sum(_EQUAL in trial.user_attrs for trial in self._trials() if trial.state.is_finished())

    def _trials(self) -> list[FrozenTrial]:
        return self._study.trials()[: self._count]

    def _next(self, passed: Collection[int]) -> FrozenTrial | None:
        """Return a free trial that was not passed yet, or else a new one; None if there is none."""
        trials = self._trials()
        for trial in trials:
            if trial.number not in passed and self._is_free(trial):
                return trial
        return self._study.ask(len(trials)) if len(trials) < self._count else None

    def _values(self, trial: FrozenTrial) -> Values:
        return {**self._fixed, **(self._study.values(trial) or {})}

    def _is_free(self, trial: FrozenTrial) -> bool:
        """Tell whether a trial has not ended, and nobody works on it."""
        if trial.state.is_finished() or trial.number in self._tried or is_held(trial.user_attrs):
            return False
        if not self._recorded.has_looked(self._study.name, trial):
            return False  # it was left just now: the next look, without the lock, finds its run
        return not goes_on(self._elsewhere.get(trial.number) or self._recorded_run(trial))

    def _recorded_run(self, trial: FrozenTrial) -> StoredRun | None:
        """Return the last run of a trial, unless it has other values: then it is of a journal that is lost."""
        run = self._recorded.find(self._study.name, trial)
        drawn = self._study.values(trial) or {}
        is_other = run is not None and any(run.config.get(name) != value for name, value in drawn.items())
        return None if is_other else run

    def _start(self, trial: FrozenTrial) -> PlannedRun | None:
        """Return the run of a free trial; None if none is needed, or if it waits for an equal one or for a sweep's."""
        trial = trial if self._study.values(trial) is not None else self._study.ask(trial.number)
        recorded = self._recorded_run(trial)
        if recorded is not None and recorded.status in _ENDED:
            self._tell(trial, recorded)
            return None
        if not self._any_seed and (equal := self._equal(trial)) is not None:
            self._tell_as(trial, equal)
            return None
        try:
            planned = self._plan(self._values(trial), self._elsewhere.pop(trial.number, None))
        except SacredError as error:
            self._refuse(trial, line_of(error))
            return None
        if planned.match.state is State.DONE and planned.match.run is not None:
            self._tell(trial, planned.match.run)
            return None
        if planned.match.state is State.RUNNING and planned.match.run is not None:
            self._elsewhere[trial.number] = planned.match.run
            return None
        return self._claim(trial, planned, recorded)

    def _claim(self, trial: FrozenTrial, planned: PlannedRun, recorded: StoredRun | None) -> PlannedRun:
        """Hold a trial, and return its run, which goes on from the saved state of an earlier one if there is one."""
        self._study.mark(trial, HOLDER, new_holder())
        words = planned.words
        if recorded is not None and recorded.status != "FAILED" and can_be_resumed(recorded.directory):
            words = [f"resume={recorded.directory.name}"]
        described = Trial(
            str(self._study.journal), self._study.name, trial.number, self._pruner, planned.config["evaluate_every"]
        )
        return dataclasses.replace(planned, words=words, trial=described)

    def _equal(self, trial: FrozenTrial) -> FrozenTrial | None:
        """Return the first trial with the same values, if it is another one: its run would have the same bits."""
        values = self._study.values(trial)  # not None, unlike those of a trial that still lacks some
        first = next(other for other in self._trials() if self._study.values(other) == values)
        return first if first.number != trial.number else None

    def _tell(self, trial: FrozenTrial, run: StoredRun) -> None:
        self._study.mark(trial, RUN, name_of(run))
        if run.status == "PRUNED":
            self._study.tell(trial, TrialState.PRUNED)
        else:  # of a diverged run, and of one without a validation, the worst value there is
            self._study.tell(trial, TrialState.COMPLETE, RunResult(self._values(trial), run).chosen_by)

    def _tell_as(self, trial: FrozenTrial, equal: FrozenTrial) -> None:
        """Tell that a trial has ended as an equal one, once that has ended."""
        if equal.state.is_finished():
            value = equal.value if equal.state is TrialState.COMPLETE else None
            self._study.mark(trial, _EQUAL, equal.number)
            self._study.tell(trial, equal.state, value)

    def _refuse(self, trial: FrozenTrial, reason: str) -> None:
        self._study.mark(trial, _REFUSED, reason)
        self._study.tell(trial, TrialState.FAIL)
