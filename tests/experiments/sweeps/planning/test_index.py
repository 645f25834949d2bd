"""The index finds the same runs as a look at each of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.pipeline.config import ENTRIES, complete
from experiments.pipeline.defaults import defaults_of
from experiments.sweeps.planning.index import RunIndex
from observers.stored_runs.stored_run import StoredRun

CONFIG = {**defaults_of("parity"), "seed": 1}

few = st.sampled_from
values = st.fixed_dictionaries(
    {},
    optional={
        "hidden": few([1, 1.0, True, 2, None, "1", [1], float("nan")]),
        "penalty": few([0, 0.0, -0.0, 1]),
        "direction": few(["backwards", "forwards"]),
        "seed": few([1, 2]),
        "unknown": few([3]),
    },
)
configs = st.builds(
    lambda changed, lost: {name: value for name, value in {**CONFIG, **changed}.items() if name not in lost},
    values,
    st.sets(few(["direction", "memory", "hidden", "seed"]), max_size=1),
)
asked = st.builds(
    lambda hidden, direction, seed: {**CONFIG, "hidden": hidden, "direction": direction, "seed": seed},
    few([1, 2]),
    few(["backwards", "forwards"]),
    few([1, 2, 3]),
)


def make_runs(stored):
    return [StoredRun(Path(f"runs/{place}"), {}, config, {}, ()) for place, config in enumerate(stored, 1)]


def make_index(runs):
    index = RunIndex()
    for run in runs:
        index.add(run)
    return index


def matches(run, config, any_seed):
    stored = complete(run.config)
    return all(stored.get(name) == config[name] for name in ENTRIES if name != "seed" or not any_seed)


def ids(runs):
    return [run.directory.name for run in runs]


@given(st.lists(configs, max_size=12), st.lists(st.tuples(asked, st.booleans()), max_size=12))
def test_the_index_finds_the_same_runs_in_the_same_order_as_a_look_at_each(stored, questions):
    left = make_runs(stored)
    index = make_index(left)
    for config, any_seed in questions:
        expected = [run for run in left if matches(run, config, any_seed)]

        assert ids(index.find(config, any_seed=any_seed)) == ids(expected)
        for run in expected[-1:]:
            index.remove(run)
            left = [other for other in left if other is not run]


def test_equal_runs_are_found_until_each_is_removed():
    runs = make_runs([CONFIG, CONFIG])
    index = make_index(runs)
    index.remove(runs[0])

    assert index.find(CONFIG, any_seed=False) == [runs[1]]
    index.remove(runs[1])
    assert index.find(CONFIG, any_seed=True) == []


@pytest.mark.parametrize("config", [{}, {"hidden": [1]}, {"seed": {"a": 1}}])
def test_a_run_with_a_damaged_config_is_never_found(config):
    index = make_index(make_runs([config]))

    assert index.find(CONFIG, any_seed=False) == []
