"""A study that several processes share."""

import resource

import optuna
import pytest
from optuna.trial import TrialState

from experiments.sweeps.trials.journal import open_journal
from tests.experiments.sweeps.search.conftest import CHOICES


def values_of(study, *numbers):
    return [study.values(study.ask(number)) for number in numbers]


def test_random_asks_for_the_same_values_whatever_happens_in_between(searches):
    whole = values_of(searches.study(), *range(6))
    study = searches.study(name="b")
    first = values_of(study, 0, 1, 2)
    study.tell(study.trials()[1], TrialState.COMPLETE, 0.5)
    other = values_of(searches.study(name="b"), 3, 4, 5)

    assert first + other == whole
    assert len({repr(values) for values in whole}) == 6


def test_another_seed_asks_for_other_values(searches):
    assert values_of(searches.study(), 0, 1) != values_of(searches.study(name="b", seed=1), 0, 1)


def test_tpe_learns_where_the_validation_is_good(searches):
    study = searches.study(sampler="tpe")
    for number in range(40):
        trial = study.ask(number)
        study.tell(trial, TrialState.COMPLETE, abs(study.values(trial)["hidden"] - 20))
    distances = [trial.value for trial in study.trials()]

    assert sum(distances[20:]) < 0.5 * sum(distances[:20])


def test_a_trial_whose_process_was_killed_while_it_asked_gets_the_missing_values(searches):
    study = searches.study()
    study._study.ask().suggest_float("learning_rate", 1e-4, 1e-1, log=True)
    [trial] = study.trials()
    assert study.values(trial) is None

    values = study.values(study.ask(0))
    assert values is not None
    assert values["learning_rate"] == float(f"{trial.params['learning_rate']:.4g}")
    assert 8 <= values["hidden"] <= 64


def test_what_is_told_twice_stays_as_it_was_told_first(searches):
    study = searches.study(CHOICES)
    trial = study.ask(0)
    study.tell(trial, TrialState.COMPLETE, 0.5)
    searches.study(CHOICES).tell(trial, TrialState.COMPLETE, 0.75)

    assert study.trials()[0].value == 0.5


def test_optuna_itself_opens_the_journal(searches):
    study = searches.study()
    study.ask(0)
    loaded = optuna.load_study(study_name="a", storage=open_journal(study.journal))

    assert len(loaded.trials) == 1
    assert loaded.direction.name == "MINIMIZE"


def test_a_study_that_cannot_be_written_can_be_looked_at(searches):
    study = searches.study()
    study.ask(0)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (study.journal.stat().st_size, before[1]))
    try:
        assert len(searches.study().trials()) == 1
        with pytest.raises(OSError, match="File too large"):
            study.ask(1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
