"""The recorded runs of trials."""

import json
from types import SimpleNamespace

import pytest

from experiments.sweeps.search.recorded import RUN, RecordedTrials, name_of, trial_of
from observers.stored_runs.runs_directory import read_runs

HELD = {"holder": {"pid": 1}}


def trial(number, study="a"):
    return SimpleNamespace(values={}, trial=SimpleNamespace(study=study, number=number))


def recorded(searches):
    return RecordedTrials(searches.runs, read_runs(searches.runs, print))


def test_the_last_run_of_a_trial_counts(searches):
    searches.write(trial(3), "TERMINATED")
    searches.write(trial(4))
    searches.write(trial(3), "COMPLETED")
    searches.write(trial(3, "another"))

    found = recorded(searches).find("a", 3, HELD)
    assert found is not None
    assert (found.directory.name, found.status) == ("3", "COMPLETED")


def test_a_trial_that_nobody_has_begun_has_no_run(searches):
    searches.write(trial(3))

    assert recorded(searches).find("a", 3, {}) is None


def test_a_run_that_another_process_has_recorded_since_is_found(searches):
    runs = recorded(searches)
    searches.write(trial(3), "TERMINATED")
    first = runs.find("a", 3, HELD)
    searches.write(trial(3), "COMPLETED")

    assert first is not None
    assert first.directory.name == "1"
    second = runs.find("a", 3, {"holder": {"pid": 2}})
    assert second is not None
    assert second.directory.name == "2"


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
