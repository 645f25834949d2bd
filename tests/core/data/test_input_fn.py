import numpy as np

from core.data.alphabet import make_alphabet
from core.data.batches import make_batches
from core.data.characters import Encoder
from core.data.input_fn import make_evaluation_input_fn, make_training_input_fn
from core.data.numerals import number_word

WORDS = tuple(number_word(number) for number in range(40))
LABELS = {"double": 2 * np.arange(40, dtype=np.int32)}
ENCODER = Encoder(make_alphabet(WORDS), "forwards")


def training(seed=0, batch_size=8, start_step=0, encoder=ENCODER):
    words = encoder.encode_all(WORDS)
    batch = make_batches(words.lengths, batch_size=batch_size, seed=seed)
    return make_training_input_fn(words, LABELS, batch=batch, start_step=start_step)()


def decode(encoder, characters, lengths):
    rows = zip(characters.numpy(), lengths.numpy(), strict=True)
    return [encoder.decode(row[:length]) for row, length in rows]


def test_features_and_labels_match():
    for features, labels in training().take(20):
        words = decode(ENCODER, features["characters"], features["lengths"])

        assert words == [number_word(label // 2) for label in labels["double"].numpy()]


def test_the_time_axis_of_all_batches_is_as_long_as_the_longest_word():
    longest = max(map(len, WORDS))
    batches = training()
    features_spec, _ = batches.element_spec

    assert features_spec["characters"].shape.as_list() == [None, longest]
    for features, _ in batches.take(20):
        assert features["characters"].shape == (8, longest)


def test_words_of_a_batch_have_similar_lengths():
    spans = [np.ptp(features["lengths"].numpy()) for features, _ in training().take(50)]

    assert np.mean(spans) < np.ptp([len(word) for word in WORDS]) / 2


def test_training_is_endless_and_shows_each_example_equally_often():
    batches = training(batch_size=4).take(400)
    counts = np.bincount([label for _, labels in batches for label in labels["double"].numpy() // 2], minlength=40)

    assert counts.sum() == 1600
    assert counts.min() >= 38
    assert counts.max() <= 41


def test_the_seed_fixes_the_order_and_each_pass_has_another_order():
    def order(seed):
        return [label for _, labels in training(seed).take(30) for label in labels["double"].numpy()]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(1)[:120] != order(1)[120:]


def test_evaluation_shows_every_example_once_in_dictionary_order():
    input_fn = make_evaluation_input_fn(ENCODER.encode_all(WORDS), LABELS)
    [(features, labels)] = input_fn()

    words = decode(ENCODER, features["characters"], features["lengths"])
    assert words == sorted(number_word(number) for number in range(40))
    assert words == [number_word(number // 2) for number in labels["double"].numpy().tolist()]


def test_a_resumed_input_continues_after_the_step():
    whole = [labels["double"].numpy().tolist() for _, labels in training().take(12)]
    rest = [labels["double"].numpy().tolist() for _, labels in training(start_step=7).take(5)]

    assert rest == whole[7:]


def test_words_that_are_read_backwards_are_sorted_by_their_ends():
    encoder = Encoder(make_alphabet(WORDS), "backwards")
    [(features, labels)] = make_evaluation_input_fn(encoder.encode_all(WORDS), LABELS)()
    words = decode(encoder, features["characters"], features["lengths"])

    assert words == sorted(WORDS, key=lambda word: word[::-1])
    assert words == [number_word(number // 2) for number in labels["double"].numpy().tolist()]
