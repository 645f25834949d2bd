import numpy as np
import pytest

from core.characters import FIRST_LETTER, Alphabet, make_alphabet
from core.examples import Split
from core.inputs import make_evaluation_input_fn, make_prediction_input_fn, make_training_input_fn
from core.numerals import number_word

NUMBERS = np.arange(40)
EXAMPLES = Split(NUMBERS, tuple(number_word(number) for number in range(40)))
ALPHABET = make_alphabet(EXAMPLES.words)


def double(numbers):
    return (2 * numbers).astype(np.int32)


def training(seed=0, batch_size=8, start_step=0):
    return make_training_input_fn(
        EXAMPLES,
        label_name="double",
        label=double,
        alphabet=ALPHABET,
        batch_size=batch_size,
        seed=seed,
        start_step=start_step,
    )()


def decode(alphabet: Alphabet, characters, lengths) -> list[str]:
    rows = zip(characters.numpy(), lengths.numpy(), strict=True)
    return ["".join(alphabet.letters[place - FIRST_LETTER] for place in row[:length]) for row, length in rows]


def test_features_and_labels_belong_together():
    for features, labels in training().take(20):
        words = decode(ALPHABET, features["characters"], features["lengths"])

        assert words == [number_word(label // 2) for label in labels["double"].numpy()]


def test_the_time_of_all_batches_is_known_to_be_that_of_the_longest_word():
    longest = max(map(len, EXAMPLES.words))
    batches = training()
    described, _ = batches.element_spec

    assert described["characters"].shape.as_list() == [None, longest]
    for features, _ in batches.take(20):
        assert features["characters"].shape == (8, longest)


def test_words_of_a_batch_are_of_like_length():
    spans = [np.ptp(features["lengths"].numpy()) for features, _ in training().take(50)]

    assert np.mean(spans) < np.ptp([len(word) for word in EXAMPLES.words]) / 2


def test_training_never_ends_and_shows_each_example_equally_often():
    batches = training(batch_size=4).take(400)
    counts = np.bincount([label for _, labels in batches for label in labels["double"].numpy() // 2], minlength=40)

    assert counts.sum() == 1600
    assert counts.min() >= 38
    assert counts.max() <= 41


def test_the_seed_fixes_the_order_and_each_pass_has_its_own():
    def order(seed):
        return [label for _, labels in training(seed).take(30) for label in labels["double"].numpy()]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(1)[:120] != order(1)[120:]


def test_evaluation_shows_every_example_once_with_neighbours_that_begin_alike():
    input_fn = make_evaluation_input_fn(EXAMPLES, label_name="double", label=double, alphabet=ALPHABET)
    [(features, labels)] = input_fn()

    words = decode(ALPHABET, features["characters"], features["lengths"])
    assert words == sorted(number_word(number) for number in range(40))
    assert words == [number_word(number // 2) for number in labels["double"].numpy().tolist()]


def test_prediction_keeps_the_order_of_the_words():
    words = ["zwanzig", "elf", "acht", "elf"]
    [features] = make_prediction_input_fn(words=words, alphabet=ALPHABET, language="de")()

    assert decode(ALPHABET, features["characters"], features["lengths"]) == words


@pytest.mark.parametrize(
    ("word", "readable"),
    [
        ("elf", 1),
        ("  ELF ", 1),
        ("", 0),
        ("   ", 0),
        ("x", 0),
        ("elfx", 0),
        ("e" * 300, 1),
        ("e" * 301, 0),
        ("\xff\xfe", 0),
    ],
)
def test_a_word_that_cannot_be_read_is_said_and_disturbs_none_beside_it(word, readable):
    words = ["acht", word, "zwanzig"]
    [features] = make_prediction_input_fn(words=words, alphabet=ALPHABET, language="de")()
    decoded = decode(ALPHABET, features["characters"], features["lengths"])

    assert features["readable"].numpy().tolist() == [1, readable, 1]
    assert (decoded[0], decoded[2]) == ("acht", "zwanzig")
    assert decoded[1] == (word.strip().lower() if readable else ALPHABET.letters[0])


def test_words_are_taken_as_they_are_needed():
    places = iter(range(100_000))
    words = ("elf" for _ in places)
    [features] = make_prediction_input_fn(words=words, alphabet=ALPHABET, language="de")().take(1)

    assert len(features["lengths"]) == 1024
    assert next(places) < 20_000


def test_an_input_that_goes_on_gives_the_batches_behind_the_step():
    whole = [labels["double"].numpy().tolist() for _, labels in training().take(12)]
    rest = [labels["double"].numpy().tolist() for _, labels in training(start_step=7).take(5)]

    assert rest == whole[7:]
