import numpy as np
import pytest

from core.draw import make_draw
from core.examples import Words, make_examples, plan_splits
from core.numerals import number_word, word_parts

PLAN = {
    "min_number": 0,
    "max_number": 99,
    "data_size": 50,
    "validation_fraction": 0.2,
    "test_fraction": 0.1,
    "extrapolation_max": None,
    "extrapolation_size": 1000,
}


def draw(seed=0, language="de", cover_parts=False, **changes):
    splits = plan_splits(**{**PLAN, **changes})
    return make_examples(language=language, seed=seed, splits=splits, cover_parts=cover_parts)


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
        ({"extrapolation_max": 99, "extrapolation_size": 1}, "extrapolation_max=99 is not larger than max_number=99"),
        ({"extrapolation_max": 1000, "extrapolation_size": 902}, "extrapolation_size=902 does not fit"),
    ],
)
def test_an_impossible_plan_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        plan_splits(**{**PLAN, **changes})


def test_training_covers_every_part_of_the_words_when_asked_to():
    paper = {"max_number": 999, "data_size": 1000, "validation_fraction": 0.2, "test_fraction": 0.631}
    for seed in range(20):
        examples = draw(seed, cover_parts=True, **paper)
        train = set(examples["train"].numbers.tolist())

        assert [len(split.numbers) for split in examples.values()] == [169, 200, 631]
        assert set(range(20)) <= train
        assert set().union(*map(word_parts, train)) == {*range(20), *range(20, 100, 10), 100}
        assert len({number for split in examples.values() for number in split.numbers.tolist()}) == 1000


def test_covering_keeps_the_numbers_that_were_drawn():
    plain, covering = draw(3), draw(3, cover_parts=True)

    def numbers(examples):
        return sorted(number for split in examples.values() for number in split.numbers.tolist())

    assert numbers(plain) == numbers(covering)


def test_training_that_is_too_small_to_cover_the_parts_is_refused():
    with pytest.raises(ValueError, match=r"cover_parts=True needs .* numbers in training, where there are 10"):
        draw(cover_parts=True, data_size=100, validation_fraction=0.4, test_fraction=0.5)


def test_numbers_that_a_language_calls_the_same_are_refused():
    with pytest.raises(ValueError, match=r"two of the numbers are called .* in language='az'"):
        draw(language="az", min_number=10_000, max_number=11_999, data_size=2000)


def test_words_are_written_when_they_are_asked_for():
    numbers = np.arange(10_000)
    words = Words(numbers, "de")

    assert len(words) == 10_000
    assert list(words) == [number_word(number) for number in range(10_000)]
    assert words[21] == "einundzwanzig"
    assert list(words[5:8]) == ["fünf", "sechs", "sieben"]
