import numpy as np
import pytest

from core.draw import make_draw
from core.examples import make_examples, plan_splits

PLAN = {
    "min_number": 0,
    "max_number": 99,
    "data_size": 50,
    "validation_fraction": 0.2,
    "test_fraction": 0.1,
    "extrapolation_max": None,
    "extrapolation_size": 1000,
}


def draw(seed=0, language="de", **changes):
    return make_examples(language=language, seed=seed, splits=plan_splits(**{**PLAN, **changes}))


def test_splits_have_their_sizes_and_share_no_number():
    examples = draw(extrapolation_max=9999, extrapolation_size=20)

    assert {name: len(split.numbers) for name, split in examples.items()} == {
        "train": 35,
        "validation": 10,
        "test": 5,
        "extrapolation": 20,
    }
    numbers = np.concatenate([split.numbers for split in examples.values()])
    assert len(set(numbers.tolist())) == 70


def test_numbers_come_from_their_ranges():
    examples = draw(min_number=50, extrapolation_max=150, extrapolation_size=51)

    for name in ("train", "validation", "test"):
        assert examples[name].numbers.min() >= 50
        assert examples[name].numbers.max() <= 99
    assert sorted(examples["extrapolation"].numbers.tolist()) == list(range(100, 151))


def test_words_stand_in_the_order_of_their_numbers():
    train = draw(language="en", max_number=2, data_size=3, validation_fraction=0.3, test_fraction=0.3)["train"]

    assert train.words == tuple(["zero", "one", "two"][number] for number in train.numbers)


def test_splits_are_intervals_of_one_draw():
    examples = draw(seed=7)
    drawn = make_draw(minimum=0, maximum=99, seed=7)(np.arange(50)).tolist()

    assert [*examples["train"].numbers, *examples["validation"].numbers, *examples["test"].numbers] == drawn


def test_another_seed_draws_other_numbers():
    assert draw(seed=1)["train"].numbers.tolist() != draw(seed=2)["train"].numbers.tolist()
    assert draw(seed=1)["train"].numbers.tolist() == draw(seed=1)["train"].numbers.tolist()


def test_a_larger_data_size_draws_the_same_numbers_and_more():
    small, large = draw(data_size=20, test_fraction=0.2), draw(data_size=50)

    assert large["train"].numbers.tolist()[:20] == [
        number for split in ("train", "validation", "test") for number in small[split].numbers
    ]


def test_a_huge_range_is_never_materialised():
    """It would hold 8 * 10**17 bytes."""
    examples = draw(max_number=10**17, data_size=1000, extrapolation_max=10**18 - 1, extrapolation_size=10)

    assert len(examples["train"].words) == 700
    assert examples["extrapolation"].numbers.min() > 10**17


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data_size": 101}, r"data_size=101 does not fit: the range 0\.\.99 holds 100 numbers"),
        ({"min_number": 60, "data_size": 41}, r"data_size=41 does not fit: the range 60\.\.99 holds 40 numbers"),
        ({"validation_fraction": 0.001}, "leaves no number for validation"),
        ({"test_fraction": 0.0}, "leaves no number for test"),
        ({"test_fraction": 0.8}, "leaves no number for train"),
        ({"validation_fraction": 0.9, "test_fraction": 0.9}, "leaves no number for train"),
        ({"extrapolation_max": 99, "extrapolation_size": 1}, r"range 100\.\.99 holds 0 numbers"),
        ({"extrapolation_max": 1000, "extrapolation_size": 902}, "extrapolation_size=902 does not fit"),
    ],
)
def test_an_impossible_plan_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        plan_splits(**{**PLAN, **changes})
