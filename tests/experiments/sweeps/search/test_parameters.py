"""Draws as parameters of Optuna, and back."""

import optuna
import pytest

from experiments.sweeps.planning.grid import read_grid
from experiments.sweeps.search.parameters import make_values, suggest

WORDS = [
    "learning_rate~loguniform(1e-4,1e-1)",
    "weight_decay~uniform(0,1)",
    "hidden~uniform(8,64)",
    "batch_size~loguniform(8,128)",
    "head~choice(linear,nac)",
    "log_loss~choice(True,1,False)",
]


@pytest.fixture(scope="module")
def trials():
    draws = read_grid(WORDS).draws
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    for _ in range(200):
        trial = study.ask()
        for name, draw in draws.items():
            suggest(trial, name, draw)
    return [(trial, make_values(draws, trial.params)) for trial in study.trials]


@pytest.mark.parametrize(
    ("name", "least", "most", "kind"),
    [
        ("learning_rate", 1e-4, 1e-1, float),
        ("weight_decay", 0, 1, float),
        ("hidden", 8, 64, int),
        ("batch_size", 8, 128, int),
    ],
)
def test_optuna_searches_where_a_draw_draws(trials, name, least, most, kind):
    found = [values[name] for _, values in trials]

    assert {type(value) for value in found} == {kind}
    assert least <= min(found) < least + 0.1 * (most - least)
    assert most >= max(found) > most - 0.1 * (most - least)


def test_a_logarithmic_draw_is_searched_on_a_logarithmic_scale(trials):
    assert 70 < sum(values["learning_rate"] < 10**-2.5 for _, values in trials) < 130


def test_a_choice_keeps_the_types_of_its_values(trials):
    assert {values["head"] for _, values in trials} == {"linear", "nac"}
    assert {repr(values["log_loss"]) for _, values in trials} == {"True", "1", "False"}


def test_numbers_have_as_few_digits_as_drawn_ones(trials):
    assert all(values["learning_rate"] == float(f"{values['learning_rate']:.4g}") for _, values in trials)
    assert any(values["learning_rate"] != trial.params["learning_rate"] for trial, values in trials)
