"""Lists, ranges and draws on the command line of a sweep."""

import re

import pytest

from experiments.pipeline.errors import UserError
from experiments.sweeps.planning.grid import read_grid


def points(*words, draws=0, seed=0):
    return list(read_grid(words).points(draws, seed))


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("hidden=16,32,64", [16, 32, 64]),
        ("hidden=16", [16]),
        ("seed=0..4", [0, 1, 2, 3, 4]),
        ("hidden=16..64..16", [16, 32, 48, 64]),
        ("hidden=16..60..16", [16, 32, 48]),
        ("seed=0..2,7", [0, 1, 2, 7]),
        ("seed=3,3,3", [3]),
        ("head=nac,nalu", ["nac", "nalu"]),
        ("learning_rate=1e-3,0.01", [0.001, 0.01]),
        ("cover_parts=True,False", [True, False]),
        ("extrapolation_max=None,9999", [None, 9999]),
    ],
)
def test_a_list_or_range_is_expanded_to_its_values(word, values):
    name = word.partition("=")[0]

    assert [point[name] for point in points(word)] == values
    assert [type(point[name]) for point in points(word)] == list(map(type, values))


def test_every_combination_is_a_run_and_the_last_list_varies_fastest():
    assert points("hidden=8,16", "batch_size=32", "seed=0..1") == [
        {"hidden": 8, "batch_size": 32, "seed": 0},
        {"hidden": 8, "batch_size": 32, "seed": 1},
        {"hidden": 16, "batch_size": 32, "seed": 0},
        {"hidden": 16, "batch_size": 32, "seed": 1},
    ]


def test_a_word_without_values_is_a_named_config():
    grid = read_grid(["fast", "hidden=8,16", "runs/3/config.json", "seed=1"])

    assert grid.named_configs == ["fast", "runs/3/config.json"]
    assert grid.varied == ["hidden"]


def test_a_grid_without_values_is_one_run():
    assert points("fast") == [{}]


@pytest.mark.parametrize(
    ("word", "least", "most", "kind"),
    [
        ("learning_rate~loguniform(1e-4,1e-1)", 1e-4, 1e-1, float),
        ("weight_decay~uniform(0,1)", 0, 1, float),
        ("hidden~loguniform(8,128)", 8, 128, int),
        ("hidden~uniform(1,3)", 1, 3, int),
    ],
)
def test_draws_are_within_their_bounds_and_have_the_type_of_the_entry(word, least, most, kind):
    name = word.partition("~")[0]
    drawn = [point[name] for point in points(word, draws=300)]

    assert least <= min(drawn) <= max(drawn) <= most
    assert {type(value) for value in drawn} == {kind}
    assert min(drawn) < least + 0.02 * (most - least) or kind is int


def test_whole_numbers_are_drawn_equally_often_with_both_bounds_included():
    drawn = [point["hidden"] for point in points("hidden~uniform(1,3)", draws=3000)]

    assert all(abs(drawn.count(value) - 1000) < 120 for value in (1, 2, 3))


def test_the_logarithm_of_a_loguniform_draw_is_uniform():
    drawn = [point["learning_rate"] for point in points("learning_rate~loguniform(1e-4,1)", draws=4000)]
    counts = [sum(10.0**n <= value < 10.0 ** (n + 1) for value in drawn) for n in range(-4, 0)]

    assert all(abs(count - 1000) < 120 for count in counts)


def test_a_choice_draws_every_value():
    drawn = {point["head"] for point in points("head~choice(linear,nac,nalu)", draws=50)}

    assert drawn == {"linear", "nac", "nalu"}


def test_each_combination_has_the_same_draws():
    drawn = points("hidden=8,16", "learning_rate~uniform(0.1,1)", draws=5)

    assert [point["hidden"] for point in drawn] == [8] * 5 + [16] * 5
    assert [point["learning_rate"] for point in drawn[:5]] == [point["learning_rate"] for point in drawn[5:]]
    assert len({point["learning_rate"] for point in drawn}) == 5


def test_more_draws_extend_fewer_draws_and_another_seed_changes_them():
    word = "learning_rate~uniform(0.1,1)"

    assert points(word, draws=20)[:8] == points(word, draws=8)
    assert points(word, draws=8, seed=1) != points(word, draws=8)


def test_two_entries_are_drawn_independently():
    drawn = points("learning_rate~uniform(0.1,1)", "weight_decay~uniform(0.1,1)", draws=3)

    assert all(point["learning_rate"] != point["weight_decay"] for point in drawn)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["hidden=8", "hidden=16"], "hidden is given twice"),
        (["hidden=8", "hidden~uniform(1,2)"], "hidden is given twice"),
        (["hidden=uniform(1,9)"], 'write a draw as "hidden~uniform(1,9)"'),
        (["hidden="], "hidden= has no value"),
        (["hidden=8,,16"], "8,,16 has an empty value"),
        (["head~choice(nac,)"], "nac, has an empty value"),
        (["learning_rate=0.1..0.3"], "0.3 is not a range: write FIRST..LAST or FIRST..LAST..STEP with whole"),
        (["seed=4..0"], "seed=4..0 is not a range"),
        (["seed=0..4..0"], "seed=0..4..0 is not a range"),
        (["seed=0..999999999"], "is not a range"),
        (["hidden~gauss(1,2)"], 'is not a draw: write "NAME~DRAW" in quotes, with one of uniform'),
        (["hidden~uniform"], "is not a draw"),
        (["hidden~uniform(1)"], "needs two numbers"),
        (["hidden~uniform(a,b)"], "needs two numbers"),
        (["hidden~uniform(2,1)"], "the smaller first"),
        (["weight_decay~loguniform(0,1)"], "above 0"),
        (["hidden~uniform(0,8)"], "hidden=0 is not a whole number from 1 to 4096"),
        (["learning_rate~uniform(1,1e999)"], "learning_rate=inf is not a number"),
        (["hidden~uniform(1.5,8)"], "hidden=1.5 is not a whole number"),
        (["head~choice()"], "no values to choose from"),
    ],
)
def test_a_wrong_word_is_refused_with_its_reason(words, message):
    with pytest.raises(UserError, match=re.escape(message)):
        read_grid(words)


def test_a_sweep_with_too_many_runs_is_refused_at_once():
    with pytest.raises(UserError, match="this sweep has 400000000 runs: at most 100000 are allowed"):
        points("hidden=1..4000", "seed=0..99999")


@pytest.mark.parametrize("word", ["runs/lr=0.01/1/config.json", "./a~b/config.json", "lr=0.01/1/config.json"])
def test_the_path_of_a_config_file_is_no_list_and_no_draw(tmp_path, monkeypatch, word):
    monkeypatch.chdir(tmp_path)
    (tmp_path / word).parent.mkdir(parents=True)
    (tmp_path / word).write_text("{}")

    assert read_grid([word]).named_configs == [word]
