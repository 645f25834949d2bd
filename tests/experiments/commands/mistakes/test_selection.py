"""The numbers that a network is asked."""

import pytest

from core.data.split_plan import SplitPlan
from core.data.splits import draw_splits
from experiments.commands.mistakes.selection import MOST_NUMBERS, select
from experiments.pipeline.config import from_config
from experiments.pipeline.errors import UserError
from tests.experiments.commands.runs import make_trained_run

PLAN = {
    "language": "de",
    "min_number": 0,
    "max_number": 99,
    "data_size": 60,
    "validation_fraction": 0.2,
    "test_fraction": 0.2,
    "cover_parts": True,
    "extrapolation_max": 2000,
    "extrapolation_size": 30,
}


@pytest.fixture
def trained_run(tmp_path):
    return make_trained_run(tmp_path / "1", **PLAN, seed=3)


@pytest.mark.parametrize("name", ["train", "validation", "test", "extrapolation"])
def test_a_split_is_drawn_as_the_run_drew_it(trained_run, name):
    expected = draw_splits(from_config(SplitPlan, PLAN), seed=3)[name]
    selection = select(trained_run, name)

    assert selection.split.numbers.tolist() == expected.numbers.tolist()
    assert list(selection.split.words) == list(expected.words)
    assert selection.name == selection.file_name == name


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (435, [435]),
        ("435", [435]),
        ("0..3", [0, 1, 2, 3]),
        (" 8 .. 9", [8, 9]),
        ("30..32,7,31", [7, 30, 31, 32]),
        ([7, 3], [3, 7]),  # Sacred parses 7,3 as a list
        ("999999999999999999", [10**18 - 1]),
    ],
)
def test_numbers_and_ranges_are_read(trained_run, numbers, expected):
    assert select(trained_run, numbers).split.numbers.tolist() == expected


def test_the_summary_says_how_many_numbers_training_has_seen(trained_run):
    assert select(trained_run, "test").summary.startswith("test: 12 numbers from ")
    assert select(trained_run, "0..99").summary == "0..99: 100 numbers, 36 of them in training"
    assert select(trained_run, 100).summary == "100: 1 number, 0 of them in training"


def test_different_lists_have_different_names_of_files(trained_run):
    lists = ["0..9", "0,9", ",".join(map(str, range(90))), ",".join(map(str, range(91)))]
    names = [select(trained_run, numbers).file_name for numbers in lists]

    assert names[:2] == ["0..9", "0_9"]
    assert len(set(names)) == 4
    assert all(len(name) < 80 for name in names)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ("9..3", "numbers=9..3: the range 9..3 is empty"),
        (
            "-3..5",
            "numbers=-3..5 is not a range such as 0..999, a list such as 7,30..39, or one of train, validation,",
        ),
        ("1.5", "numbers=1.5 is not a range"),
        ("tests", "numbers=tests is not a range"),
        ("../1", "numbers=../1 is not a range"),
        ("", "numbers= is not a range"),
        (None, "numbers=None is not a range"),
        (10**18, "numbers=1000000000000000000 is not a range"),
        (f"0..{MOST_NUMBERS}", "numbers=0..100000 has 100001 numbers: at most 100000 are allowed"),
        ("0..999999999999999999", "at most 100000 are allowed"),
    ],
)
def test_anything_else_is_refused(trained_run, numbers, message):
    with pytest.raises(UserError) as refusal:
        select(trained_run, numbers)

    assert message in str(refusal.value)


def test_a_run_without_extrapolation_has_no_such_words(tmp_path):
    with pytest.raises(UserError, match=r"or one of train, validation, test$"):
        select(make_trained_run(tmp_path, **{**PLAN, "extrapolation_max": None}, seed=3), "extrapolation")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"data_size": "x"}, "data_size='x' in .*/config.json is not a whole number"),
        ({"seed": None}, "seed=None in .*/config.json is not a whole number"),
        ({"data_size": 500}, "config.json: data_size=500 does not fit"),
    ],
)
def test_a_damaged_config_is_refused(tmp_path, entry, message):
    with pytest.raises(UserError, match=message):
        select(make_trained_run(tmp_path, **{**PLAN, "seed": 3, **entry}), "test")


def test_a_number_without_a_word_in_the_language_is_refused(tmp_path):
    run = make_trained_run(
        tmp_path, **{**PLAN, "language": "am", "extrapolation_max": None, "cover_parts": False}, seed=3
    )
    with pytest.raises(UserError, match=r"numbers=0..1999: num2words has no word for"):
        select(run, "0..1999")
