"""The judge of a trial: what it reports, what it rejects, and that no trouble with a journal ends a training."""

import math

import optuna
import pytest

from experiments.sweeps.trials.journal import open_journal
from experiments.sweeps.trials.judge import StudyJudge, make_pruner
from experiments.sweeps.trials.trial import Trial


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.journal"


def make_study(path, completed=()):
    """Make a study of completed trials, each with its validations at the steps 50, 100 and so on, and an open one."""
    study = optuna.create_study(study_name="a", storage=open_journal(path), direction="maximize")
    for validations in completed:
        trial = study.ask()
        for number, value in enumerate(validations, 1):
            trial.report(value, 50 * number)
        study.tell(trial, max(validations))
    study.ask()
    return study


def judge_of(path, number, pruner="median"):
    return StudyJudge(Trial(str(path), "a", number, pruner, 50))


def test_validations_are_reported_at_their_steps(path):
    study = make_study(path)
    judge = judge_of(path, 0)

    assert [judge.rejects(step, value) for step, value in ((50, 0.5), (100, math.nan))] == [False, False]
    [trial] = study.get_trials()
    assert list(trial.intermediate_values) == [50, 100]
    assert trial.intermediate_values[50] == 0.5
    assert judge.record == {"study": "a", "trial": 0}


def test_the_median_of_completed_trials_prunes_one_whose_best_validation_is_worse(path):
    make_study(path, [(0.5, 0.9)] * 3 + [(0.6, 0.8)] * 2)
    judge = judge_of(path, 5)

    assert not judge.rejects(50, 0.5)
    assert judge.rejects(100, 0.85)


def test_a_better_trial_goes_on(path):
    make_study(path, [(0.5, 0.7)] * 5)
    judge = judge_of(path, 5)

    assert not judge.rejects(50, 0.6)
    assert not judge.rejects(100, 0.7)


def test_successive_halving_keeps_a_quarter_at_the_first_validation(path):
    study = make_study(path)
    for _ in range(7):
        study.ask()
    rejected = [judge_of(path, number, "halving").rejects(50, number / 10) for number in (7, 0, 1, 2, 3, 4, 5, 6)]

    assert rejected == [False, True, True, True, True, True, True, False]


def test_without_a_pruner_nothing_is_rejected(path):
    make_study(path, [(0.9,)] * 9)

    assert not judge_of(path, 9, "none").rejects(50, 0.0)


def test_a_validation_that_an_interrupted_run_has_reported_is_not_judged_again(path, capsys):
    study = make_study(path, [(0.5, 0.7)] * 5)
    judge_of(path, 5).rejects(50, 0.6)

    assert not judge_of(path, 5).rejects(50, 0.1)
    assert study.get_trials()[5].intermediate_values == {50: 0.6}
    assert capsys.readouterr().err == ""


def test_a_journal_that_is_gone_or_damaged_ends_no_training_and_is_reported_once(path, capsys):
    make_study(path)
    lines = path.read_bytes()
    path.write_bytes(b"{damage}\n" + lines)
    judge = judge_of(path, 0)

    assert [judge.rejects(step, 0.5) for step in (50, 100)] == [False, False]
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("trial 0 cannot be pruned: ")
    assert str(path) in line


@pytest.mark.parametrize(("name", "kind"), [("median", "MedianPruner"), ("halving", "SuccessiveHalvingPruner")])
def test_a_pruner_is_one_of_optuna(name, kind):
    assert type(make_pruner(Trial("", "", 0, name, 50))).__name__ == kind
