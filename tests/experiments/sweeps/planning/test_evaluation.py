"""The config of a run of a sweep is the one that Sacred makes for it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacred import Experiment, Ingredient
from sacred.initialize import create_run
from sacred.utils import SacredError

from experiments.number import experiment as number
from experiments.parity import experiment as parity
from experiments.sweeps.planning.evaluation import ConfigEvaluation

EXPERIMENTS = {"parity": parity, "number": number}
UPDATES: dict[str, list[Any]] = {
    "hidden": [8, 16, "16", 0, None],
    "head": ["softmax", "nac", "places", "codebook", "none"],
    "task": ["parity", "number"],
    "learning_rate": [0.01, 1, -1],
    "log_loss": [False, True],
    "max_number": [99, 999],
    "extrapolation_max": [None, 5000],
    "seed": [0, 7, -1],
    "hiden": [8],
}


def outcome(function, updates):
    """Return a config, or the type and text of the error."""
    try:
        config = dict(function(updates))
    except SacredError as error:
        return type(error), str(error)
    if "seed" not in updates:
        assert config.pop("seed") >= 0
    return config


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(sorted(EXPERIMENTS)),
    named=st.lists(st.sampled_from(["fast"]), max_size=2),
    points=st.lists(
        st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in UPDATES.items()}),
        min_size=1,
        max_size=4,
    ),
)
def test_every_config_is_that_of_a_run_of_sacred(name, named, points):
    experiment = EXPERIMENTS[name]
    evaluate = ConfigEvaluation(experiment, named)

    for updates in [*points, *points]:
        assert outcome(evaluate, updates) == outcome(
            lambda given: create_run(experiment, "print_config", given, named, log_level="ERROR").config, updates
        )


@pytest.mark.parametrize("named", [["paper"], ["fast", "paper"], ["paper", "fast"]])
def test_named_configs_apply_in_their_order(named):
    evaluate = ConfigEvaluation(number, named)
    first, second = (evaluate({"seed": seed}) for seed in (1, 2))

    assert first == create_run(number, "print_config", {"seed": 1}, named, log_level="ERROR").config
    assert second == {**first, "seed": 2}


def test_without_a_seed_each_config_has_one_of_its_own():
    evaluate = ConfigEvaluation(parity, [])

    assert len({evaluate({})["seed"] for _ in range(4)}) > 1


def test_the_entries_of_an_ingredient_are_evaluated_as_well():
    data = Ingredient("data")
    data.add_config(size=3)
    experiment = Experiment("with an ingredient", ingredients=[data], save_git_info=False)
    experiment.add_config(seed=1, hidden=2)
    evaluate = ConfigEvaluation(experiment, [])

    assert [evaluate({"hidden": hidden}) for hidden in (3, 4)] == [
        {"seed": 1, "hidden": hidden, "data": {"size": 3}} for hidden in (3, 4)
    ]
