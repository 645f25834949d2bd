"""The recorded runs of trials."""

import json
from types import SimpleNamespace

import pytest
from optuna.trial import TrialState, create_trial

from experiments.sweeps.search import recorded as module
from experiments.sweeps.search.recorded import RUN, RecordedTrials, name_of, trial_of
from experiments.sweeps.trials.holders import new_holder
from observers.stored_runs.runs_directory import read_runs

LEFT = {"holder": None}


def trial(number, study="a"):
    return SimpleNamespace(values={}, trial=SimpleNamespace(study=study, number=number))


def recorded(searches):
    return RecordedTrials(searches.runs, read_runs(searches.runs, print))


def asked(number=3, **attributes):
    """A trial in the journal of a search."""
    made = create_trial(state=TrialState.RUNNING, user_attrs=attributes)
    made.number = number
    return made


def find(runs, **attributes):
    """Look for a run of trial 3, and find it."""
    runs.look("a", [asked(**attributes)])
    return runs.find("a", asked(**attributes))


def test_the_last_run_of_a_trial_counts(searches):
    searches.write(trial(3), "TERMINATED")
    searches.write(trial(4))
    searches.write(trial(3), "COMPLETED")
    searches.write(trial(3, "another"))

    found = find(recorded(searches), **LEFT)
    assert found is not None
    assert (found.directory.name, found.status) == ("3", "COMPLETED")


def test_a_trial_that_nobody_has_begun_has_no_run(searches):
    searches.write(trial(3))

    assert find(recorded(searches)) is None


def test_a_run_that_another_process_has_recorded_since_is_found(searches, dead_process):
    runs = recorded(searches)
    searches.write(trial(3), "TERMINATED")
    first = find(runs, **LEFT)
    searches.write(trial(3), "COMPLETED")

    assert first is not None
    assert first.directory.name == "1"
    second = find(runs, holder={**dead_process, "since": 0.0})
    assert second is not None
    assert second.directory.name == "2"


def test_a_look_is_needed_after_each_holder_of_a_trial(searches, dead_process):
    runs = recorded(searches)
    other = asked(holder={**dead_process, "since": 0.0})
    assert runs.has_looked("a", asked())
    assert not runs.has_looked("a", asked(**LEFT))
    runs.look("a", [asked(**LEFT)])

    assert runs.has_looked("a", asked(**LEFT))
    assert not runs.has_looked("a", other)
    assert not runs.has_looked("b", asked(**LEFT))


def test_a_look_reads_the_directory_once_for_all_trials_that_others_have_left(searches, monkeypatch):
    read, runs = [], recorded(searches)

    def read_runs_again(directory, warn):
        read.append(directory)
        return read_runs(directory, warn)

    monkeypatch.setattr(module, "read_runs", read_runs_again)
    held = asked(5, holder=new_holder())
    for trials in ([asked(3)], [asked(3, **LEFT), asked(4, **LEFT), held], [asked(3, **LEFT), asked(4, **LEFT)]):
        runs.look("a", trials)

    assert read == [searches.runs]
    assert not runs.has_looked("a", held)


def test_a_run_names_its_trial(searches):
    assert trial_of(searches.write(trial(3))) == ("a", 3)
    assert trial_of(searches.write(SimpleNamespace(values={}, trial=None))) is None


def test_an_ended_trial_names_its_run(searches):
    run = searches.write(trial(3))
    runs = recorded(searches)

    assert runs.named({RUN: name_of(run)}) == run
    assert runs.named({RUN: {**name_of(run), "uuid": "of a deleted run"}}) is None
    assert runs.named({RUN: {**name_of(run), "id": "../1"}}) is None
    assert runs.named({}) is None


def resume(searches, run, config=None, **entry):
    """Record a run that was resumed from another one by hand."""
    resumed = searches.write(SimpleNamespace(values=config or {}, trial=None), **entry)
    info = {**resumed.info, "parent": {"uuid": run.uuid}}
    (resumed.directory / "info.json").write_text(json.dumps(info))
    return resumed


def test_a_pruned_run_that_was_resumed_to_its_end_counts_with_that_end(searches):
    run = searches.write(trial(3), "PRUNED")
    interrupted = resume(searches, run, status="INTERRUPTED")
    completed = resume(searches, interrupted)

    found = recorded(searches).named({RUN: name_of(run)})
    assert found is not None
    assert found.uuid == completed.uuid


@pytest.mark.parametrize(
    "how",
    [{"status": "INTERRUPTED"}, {"config": {"hidden": 5}}, {"experiment": {"sources": [["a.py", "changed"]]}}],
)
def test_a_pruned_run_that_was_resumed_otherwise_is_still_pruned(searches, how):
    run = searches.write(trial(3), "PRUNED")
    resume(searches, run, **how)

    found = recorded(searches).named({RUN: name_of(run)})
    assert found is not None
    assert found.uuid == run.uuid
