"""Parts of a sweep: disjoint, complete, and the same at any time."""

import pytest

from experiments.sweeps.planning.grid import read_grid
from experiments.sweeps.planning.part import Part, read_part


def parts(words, count, draws=0):
    grid = read_grid(words)
    return [list(Part(index, count).select(grid.points(draws, 0))) for index in range(count)]


def test_each_point_of_a_grid_is_in_one_part():
    assert parts(["hidden=2,3", "seed=0..2"], 4) == [
        [{"hidden": 2, "seed": 0}, {"hidden": 3, "seed": 1}],
        [{"hidden": 2, "seed": 1}, {"hidden": 3, "seed": 2}],
        [{"hidden": 2, "seed": 2}],
        [{"hidden": 3, "seed": 0}],
    ]


def test_the_only_part_is_the_whole_grid_in_its_order():
    words = ["hidden=2,3", "learning_rate~loguniform(1e-3,1e-1)"]

    assert parts(words, 1, draws=3) == [list(read_grid(words).points(3, 0))]


def test_each_draw_is_in_one_part():
    words = ["hidden=2,3", "learning_rate~loguniform(1e-3,1e-1)", "seed=1"]
    whole = list(read_grid(words).points(5, 0))
    drawn = [values for part in parts(words, 3, draws=5) for values in part]

    assert sorted(drawn, key=repr) == sorted(whole, key=repr)


def test_equal_draws_are_in_the_same_part():
    """Else two parts would train the config, or one would take the run of the other for its own."""
    halves = parts(["hidden~choice(2,3)"], 2, draws=10)

    assert sum(map(len, halves)) == 10
    assert all(len({values["hidden"] for values in half}) == 1 for half in halves)


def test_values_that_are_written_differently_are_equal():
    assert parts(["learning_rate=1,1.0,2"], 2) == [
        [{"learning_rate": 1}, {"learning_rate": 1.0}],
        [{"learning_rate": 2}],
    ]


def test_a_part_of_a_small_grid_may_be_empty():
    assert parts(["hidden=2"], 3) == [[{"hidden": 2}], [], []]


@pytest.mark.parametrize("values", [["hidden=[2,3]"], ["hidden={'a':1}"], ["hidden=None"]])
def test_values_that_no_config_accepts_are_left_to_the_config(values):
    assert sum(map(len, parts(values, 2))) >= 1


@pytest.mark.parametrize(("text", "part"), [("0/1", Part(0, 1)), ("3/4", Part(3, 4)), ("007/100000", Part(7, 100000))])
def test_a_part_is_an_index_and_a_count(text, part):
    assert read_part(text) == part


@pytest.mark.parametrize(
    "text", ["4/4", "0/0", "-1/4", "1", "/4", "1/", "", "1.5/4", "1/4/8", "0/100001", "٣/٤", "1 /4", "0/99999999999"]
)
def test_another_text_is_refused_with_what_is_allowed(text):
    with pytest.raises(
        ValueError, match="is not a part: write I/N, part I of N, with I from 0 to N-1 and N up to 100000"
    ):
        read_part(text)
