"""The name of a search: another search is another journal, the same one goes on."""

from dataclasses import replace

import pytest

from experiments.number import experiment
from experiments.sweeps.options import read_command_line
from experiments.sweeps.search.naming import journal_of, made_of_other_sources
from experiments.sweeps.search.opening import find_searches

SOURCES = {"core/network/network.py": "1", "experiments/sweeps/runner.py": "1"}
COMMAND = ("number", "fast", "seed=1", "hidden~uniform(8,64)", "--search", "tpe", "--runs", "9")


def names_of(*arguments, sources=SOURCES):
    return [found.name for found in find_searches(experiment, read_command_line([*arguments]), sources)]


def test_a_name_says_how_the_search_goes_on():
    [name] = names_of(*COMMAND)

    assert name.startswith("number-tpe-median-")


@pytest.mark.parametrize(
    "added",
    [("--runs", "50"), ("--jobs", "3"), ("-F", "elsewhere"), ("--dry-run",), ("-m", "mongodb://127.0.0.1:9/x")],
)
def test_the_same_search_has_the_same_name_with_more_trials_or_elsewhere(added):
    assert names_of(*COMMAND, *added) == names_of(*COMMAND)


@pytest.mark.parametrize(
    "added", [("--prune", "none"), ("--draw-seed", "1"), ("embedding=8",), ("batch_size~choice(32,64)",), ("paper",)]
)
def test_another_search_has_another_name(added):
    assert names_of(*COMMAND, *added) != names_of(*COMMAND)


def test_each_combination_is_a_search_of_its_own_and_more_values_keep_the_earlier_ones():
    one, two = names_of(*COMMAND, "embedding=8"), names_of(*COMMAND, "embedding=8,16")

    assert one == two[:1]
    assert len(set(two)) == 2


def test_without_a_seed_the_random_one_of_a_plan_does_not_count():
    without = [word for word in COMMAND if word != "seed=1"]

    assert names_of(*without) == names_of(*without)
    assert names_of(*without) != names_of(*COMMAND)


def test_changed_sources_begin_a_new_search_but_those_of_sweeps_do_not(tmp_path):
    [name], [changed] = names_of(*COMMAND), names_of(*COMMAND, sources={**SOURCES, "core/network/network.py": "2"})
    assert name != changed
    assert names_of(*COMMAND, sources={**SOURCES, "experiments/sweeps/runner.py": "2"}) == [name]

    assert not made_of_other_sources(tmp_path, changed)
    journal_of(tmp_path, name).parent.mkdir()
    journal_of(tmp_path, name).touch()
    assert made_of_other_sources(tmp_path, changed)
    assert not made_of_other_sources(tmp_path, name)


def test_a_search_names_what_its_draws_are():
    options = read_command_line([*COMMAND])
    [found] = find_searches(experiment, options, SOURCES)
    wider = replace(
        options,
        grid=replace(
            options.grid, draws=read_command_line([*COMMAND[:3], "hidden~uniform(8,65)", *COMMAND[4:]]).grid.draws
        ),
    )

    assert find_searches(experiment, wider, SOURCES)[0].name != found.name
