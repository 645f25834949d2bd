"""Searches of a small space, whose runs the tests write themselves."""

import json
import uuid

import pytest

from experiments.sweeps.planning.grid import read_grid
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.planning.store import Match, State
from experiments.sweeps.results import RunResult
from experiments.sweeps.search.combination import CombinationSearch
from experiments.sweeps.search.recorded import RecordedTrials
from experiments.sweeps.search.study import SharedStudy
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import read_run
from observers.system.process import this_process

DRAWS = read_grid(["learning_rate~loguniform(1e-4,1e-1)", "hidden~uniform(8,64)"]).draws
CHOICES = read_grid(["hidden~choice(8,16)"]).draws


class Searches:
    """A directory of runs, and searches in it."""

    def __init__(self, directory):
        self.runs = directory / "runs"
        self.runs.mkdir()
        self.planned = []
        self.matches = {}

    def study(self, draws=DRAWS, sampler="random", seed=0, name="a"):
        journal = self.runs / "_search" / f"{name}.journal"
        return SharedStudy(name, journal, draws, sampler=sampler, seed=seed, higher_is_better=False)

    def search(self, trials=4, draws=DRAWS, plan=None, any_seed=False, sampler="random", seed=0, fixed=None):
        """Open a search as another process would."""
        return CombinationSearch(
            self.study(draws, sampler, seed),
            RecordedTrials(self.runs, read_runs(self.runs, print)),
            plan or self.plan,
            fixed=fixed or {},
            any_seed=any_seed,
            trials=trials,
            pruner="median",
        )

    def plan(self, values, known=None):
        """Plan the run of a trial; a known run that has ended answers it."""
        self.planned.append(values)
        match = self.matches.pop(values.get("hidden"), Match(State.MISSING))
        if known is not None and (now := read_run(known.directory)).status == "COMPLETED":
            match = Match(State.DONE, now)
        config = {"task": "number", "evaluate_every": 50, **values}
        return PlannedRun(values, [f"{name}={value}" for name, value in values.items()], [], match, config, False)

    def write(self, planned, status="COMPLETED", validation=None, **entry):
        """Record the run of a trial; return it as a process that has trained it does."""
        trial = planned.trial
        search = {} if trial is None else {"search": {"study": trial.study, "trial": trial.number}}
        directory = self.runs / str(len(list(self.runs.glob("[0-9]*"))) + 1)
        directory.mkdir()
        run = {"status": status, "uuid": uuid.uuid4().hex, "result": validation, "process": this_process(), **entry}
        info = {**search, "best_validation": validation, "pruned_at_step": 50, "pruned_validation": 7.0}
        contents = {"run": run, "config": {"task": "number", **planned.values}, "info": info}
        for name, content in contents.items():
            (directory / f"{name}.json").write_text(json.dumps(content))
        (directory / "metrics.jsonl").touch()
        return read_run(directory)

    def end(self, search, planned, status="COMPLETED", validation=None):
        """Record the run of a trial, and tell its search."""
        run = self.write(planned, status, validation)
        error = None if status in ("COMPLETED", "DIVERGED", "PRUNED") else status
        search.end(planned, RunResult(planned.values, run, error))
        return run


@pytest.fixture
def searches(tmp_path):
    """An empty directory of runs."""
    return Searches(tmp_path)


@pytest.fixture
def killed(dead_process, monkeypatch):
    """Make all that was held before this is called be held by a process that has been killed."""

    def kill(search):
        study = search._study
        for trial in study.trials():
            holder = trial.user_attrs.get("holder")
            if not trial.state.is_finished() and holder is not None:
                study.mark(trial, "holder", {**holder, **dead_process})

    return kill
