from dataclasses import replace

import numpy as np
import pytest

from core.data.draw import make_draw
from core.data.numerals import number_word, word_parts
from core.data.split_plan import SplitPlan
from core.data.splits import Words, draw_splits

PLAN = SplitPlan(
    language="de",
    min_number=0,
    max_number=99,
    data_size=50,
    validation_fraction=0.2,
    test_fraction=0.1,
    cover_parts=False,
    extrapolation_max=None,
    extrapolation_size=1000,
)


def make_plan(**changes):
    return replace(PLAN, **changes)


def draw(seed=0, **changes):
    return draw_splits(make_plan(**changes), seed=seed)


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


def test_words_are_in_the_order_of_their_numbers():
    train = draw(language="en", max_number=2, data_size=3, validation_fraction=0.3, test_fraction=0.3)["train"]

    assert train.words == tuple(["zero", "one", "two"][number] for number in train.numbers)


def test_splits_are_intervals_of_one_draw():
    examples = draw(seed=7)
    drawn = make_draw(minimum=0, maximum=99, seed=7)(np.arange(50)).tolist()

    assert [*examples["train"].numbers, *examples["validation"].numbers, *examples["test"].numbers] == drawn


def test_the_seed_fixes_the_numbers():
    assert draw(seed=1)["train"].numbers.tolist() != draw(seed=2)["train"].numbers.tolist()
    assert draw(seed=1)["train"].numbers.tolist() == draw(seed=1)["train"].numbers.tolist()


def test_a_larger_data_size_draws_the_same_numbers_and_more():
    small, large = draw(data_size=20, test_fraction=0.2), draw(data_size=50)

    assert large["train"].numbers.tolist()[:20] == [
        number for split in ("train", "validation", "test") for number in small[split].numbers
    ]


def test_a_huge_range_is_never_held_in_memory():
    """It would take 8 * 10**17 bytes."""
    examples = draw(max_number=10**17, data_size=1000, extrapolation_max=10**18 - 1, extrapolation_size=10)

    assert len(examples["train"].words) == 700
    assert examples["extrapolation"].numbers.min() > 10**17


def test_cover_parts_puts_every_part_of_the_words_into_training():
    paper = {"max_number": 999, "data_size": 1000, "validation_fraction": 0.2, "test_fraction": 0.631}
    for seed in range(20):
        examples = draw(seed, cover_parts=True, **paper)
        train = set(examples["train"].numbers.tolist())

        assert [len(split.numbers) for split in examples.values()] == [169, 200, 631]
        assert set(range(20)) <= train
        assert set().union(*map(word_parts, train)) == {*range(20), *range(20, 100, 10), 100}
        assert len({number for split in examples.values() for number in split.numbers.tolist()}) == 1000


def test_cover_parts_keeps_the_drawn_numbers():
    plain, covering = draw(3), draw(3, cover_parts=True)

    def numbers(examples):
        return sorted(number for split in examples.values() for number in split.numbers.tolist())

    assert numbers(plain) == numbers(covering)


def test_cover_parts_refuses_a_training_split_that_is_too_small():
    with pytest.raises(ValueError, match=r"cover_parts=True needs .* numbers in training, which has 10"):
        draw(cover_parts=True, data_size=100, validation_fraction=0.4, test_fraction=0.5)


def test_two_numbers_with_the_same_word_are_refused():
    with pytest.raises(ValueError, match=r"two of the numbers are called .* in language='az'"):
        draw(language="az", min_number=10_000, max_number=11_999, data_size=2000)


def test_words_are_written_on_demand():
    numbers = np.arange(10_000)
    words = Words(numbers, "de")

    assert len(words) == 10_000
    assert list(words) == [number_word(number) for number in range(10_000)]
    assert words[21] == "einundzwanzig"
    assert list(words[5:8]) == ["fünf", "sechs", "sieben"]
