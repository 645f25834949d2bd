"""A search for one combination: trials as runs, and how they end; interrupted, shared and repeated."""

import dataclasses
from contextlib import contextmanager

import pytest
from optuna.trial import TrialState
from sacred.utils import SacredError

from experiments.pipeline.errors import UserError
from experiments.sweeps.planning.store import Match, State
from experiments.sweeps.results import RunResult
from tests.experiments.sweeps.search.conftest import CHOICES


def states(search):
    return [trial.state.name for trial in search._study.trials()]


def take_all(search):
    runs = []
    while (run := search.take()) is not None:
        runs.append(run)
    return runs


def test_each_trial_is_a_run_that_knows_its_trial(searches):
    runs = take_all(searches.search(trials=3, fixed={"seed": 1}))

    assert [run.trial.number for run in runs] == [0, 1, 2]
    assert {(run.trial.study, run.trial.pruner, run.trial.interval) for run in runs} == {("a", "median", 50)}
    assert [list(run.values) for run in runs] == [["seed", "learning_rate", "hidden"]] * 3


def test_the_study_learns_how_runs_end(searches):
    search = searches.search(trials=4)
    runs = take_all(search)
    for run, status, validation in zip(
        runs, ("COMPLETED", "DIVERGED", "PRUNED", "COMPLETED"), (2.5, None, None, None), strict=True
    ):
        searches.end(search, run, status, validation)

    assert states(search) == ["COMPLETE", "COMPLETE", "PRUNED", "COMPLETE"]
    assert [trial.value for trial in search._study.trials()] == [2.5, float("inf"), None, float("inf")]
    assert [result.run.directory.name for result in search.results()] == ["1", "2", "3", "4"]
    assert (search.waiting, search.running, search.take()) == (0, 0, None)


def test_more_trials_go_on_where_fewer_ended(searches):
    search = searches.search(trials=2)
    first = take_all(search)
    for run in first:
        searches.end(search, run, validation=1.0)
    more = take_all(searches.search(trials=3))

    assert [run.trial.number for run in more] == [2]
    assert take_all(searches.search(trials=1)) == []


def test_a_failed_trial_is_not_repeated_by_this_search_but_by_the_same_command(searches):
    search = searches.search(trials=2)
    first, second = take_all(search)
    searches.end(search, first, "FAILED")
    searches.end(search, second, validation=1.0)

    assert search.take() is None
    assert [result.error for result in search.results()] == ["FAILED", None]
    [again] = take_all(searches.search(trials=2))
    assert (again.trial.number, again.values) == (0, first.values)


def test_a_trial_with_an_invalid_config_is_refused_and_the_others_go_on(searches):
    def plan(values, known):
        if len(searches.planned) == 0:
            searches.planned.append(values)
            raise UserError("data_size=8 is too small")
        return searches.plan(values, known)

    search = searches.search(trials=2, plan=plan)
    [run] = take_all(search)

    assert run.trial.number == 1
    assert states(search) == ["FAIL", "RUNNING"]
    assert [result.error for result in search.results()] == ["refused: data_size=8 is too small"]
    assert issubclass(UserError, SacredError)


def test_two_searches_run_no_trial_twice_and_share_their_number(searches):
    searches = [searches.search(trials=5), searches.search(trials=5)]
    taken = []
    for turn in range(6):
        if (run := searches[turn % 2].take()) is not None:
            taken.append(run.trial.number)

    assert taken == [0, 1, 2, 3, 4]
    assert [search.running for search in searches] == [5, 5]


def test_the_trials_of_a_killed_search_are_taken_up_with_the_same_values(searches, killed):
    before = searches.search(trials=3)
    runs = take_all(before)
    killed(before)
    again = take_all(searches.search(trials=3))

    assert [(run.trial.number, run.values) for run in again] == [(run.trial.number, run.values) for run in runs]


def test_a_run_that_ended_without_its_search_is_told_and_not_repeated(searches, killed):
    before = searches.search(trials=3)
    completed, pruned, _ = take_all(before)
    searches.write(completed, validation=0.5)
    searches.write(pruned, "PRUNED")
    killed(before)
    search = searches.search(trials=3)

    assert [run.trial.number for run in take_all(search)] == [2]
    assert states(search) == ["COMPLETE", "PRUNED", "RUNNING"]


def test_a_run_that_goes_on_without_its_search_is_left_alone_until_it_ends(searches, killed):
    before = searches.search(trials=1)
    [run] = take_all(before)
    stored = searches.write(run, "RUNNING")
    killed(before)
    search = searches.search(trials=1)

    assert (search.take(), search.running) == (None, 1)
    (stored.directory / "run.json").write_text(
        (stored.directory / "run.json").read_text().replace("RUNNING", "COMPLETED").replace("null", "0.5")
    )
    assert search.take() is None
    assert states(search) == ["COMPLETE"]


def test_an_interrupted_trial_goes_on_from_its_state(searches, monkeypatch):
    monkeypatch.setattr("experiments.sweeps.search.combination.can_be_resumed", lambda _: True)
    before = searches.search(trials=1)
    [run] = take_all(before)
    stored = searches.end(before, run, "TERMINATED")
    [again] = take_all(searches.search(trials=1))

    assert again.words == [f"resume={stored.directory.name}"]
    assert again.trial == run.trial


def test_equal_trials_with_one_seed_are_trained_once(searches):
    search = searches.search(trials=6, draws=CHOICES)
    runs = take_all(search)
    assert sorted(run.values["hidden"] for run in runs) == [8, 16]
    for run in runs:
        searches.end(search, run, validation=float(run.values["hidden"]))

    assert take_all(search) == []
    assert states(search) == ["COMPLETE"] * 6
    assert {trial.value for trial in search._study.trials()} == {8.0, 16.0}
    assert (len(list(search.results())), search.equal) == (2, 4)


def test_a_trial_that_lacks_parameters_is_completed_and_is_equal_to_none_before(searches, killed):
    before = searches.search(trials=3)
    take_all(before)
    killed(before)
    before._study._study.ask()  # and is killed before it suggests anything
    again = take_all(searches.search(trials=5))

    assert [run.trial.number for run in again] == [0, 1, 2, 3, 4]


def test_the_lock_is_free_between_two_trials(searches, monkeypatch):
    searches.matches[8] = Match(State.DONE, searches.write(searches.plan({"hidden": 8}), validation=3.0))
    search, entered = searches.search(trials=6, draws=CHOICES), []
    alone = search._study.alone

    @contextmanager
    def alone_again():
        with alone():
            entered.append(len(search._study.trials()))
            yield

    monkeypatch.setattr(search._study, "alone", alone_again)
    take_all(search)
    assert {0, 1, 2, 3, 4, 5} <= set(entered)


def test_equal_trials_with_any_seed_are_all_trained(searches):
    assert len(take_all(searches.search(trials=6, draws=CHOICES, any_seed=True))) == 6


def test_a_recorded_run_with_the_same_config_is_the_trial(searches):
    plain = searches.plan({"hidden": 8})
    searches.matches[8] = Match(State.DONE, searches.write(plain, validation=3.0))
    search = searches.search(trials=6, draws=CHOICES)
    [run] = take_all(search)

    assert run.values == {"hidden": 16}
    assert 3.0 in [trial.value for trial in search._study.trials()]
    assert [result.run.directory.name for result in search.results()] == ["1"]


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED"])
def test_a_trial_waits_for_a_sweep_that_trains_its_config_now(searches, status):
    running = searches.write(searches.plan({"hidden": 8}), "RUNNING")
    searches.matches[8] = Match(State.RUNNING, running)
    search = searches.search(trials=6, draws=CHOICES)
    [other] = take_all(search)

    assert other.values == {"hidden": 16}
    assert (search.take(), search.running, search.waiting) == (None, 2, 6)
    searches.end(search, other, validation=1.0)
    file = running.directory / "run.json"
    file.write_text(file.read_text().replace("RUNNING", status).replace('"result": null', '"result": 0.5'))
    begun = take_all(search)

    assert [run.values for run in begun] == ([] if status == "COMPLETED" else [{"hidden": 8}])
    assert (search.waiting == 0) == (status == "COMPLETED")


def test_a_run_with_other_values_of_a_journal_that_is_lost_is_not_the_trial(searches, killed):
    search = searches.search(trials=1)
    [run] = take_all(search)
    searches.write(dataclasses.replace(run, values={**run.values, "hidden": 5}), validation=0.5)
    killed(search)

    assert [again.values for again in take_all(searches.search(trials=1))] == [run.values]


def test_the_result_of_a_run_that_was_deleted_is_not_shown(searches):
    search = searches.search(trials=1)
    [run] = take_all(search)
    stored = searches.end(search, run, validation=0.5)
    (stored.directory / "run.json").unlink()

    assert list(searches.search(trials=1).results()) == []


def test_what_another_process_has_told_is_not_told_again(searches):
    search = searches.search(trials=1)
    [run] = take_all(search)
    search._study.tell(search._study.trials()[0], TrialState.COMPLETE, 0.25)
    search.end(run, RunResult(run.values, searches.write(run, validation=0.5)))

    assert search._study.trials()[0].value == 0.25


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_search_asks_only_when_there_is_a_place(searches, sampler):
    search = searches.search(trials=5, sampler=sampler)
    search.take()

    assert len(search._study.trials()) == 1
