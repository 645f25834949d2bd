"""Builds the input functions: words and labels in, batches of (features, labels) out.

Features are `characters`, int32 [batch, time], and `lengths`, int32 [batch]; labels are one entry a task, [batch]. The
time of examples is that of the longest of all, which the network knows so, and writes its steps out.
Words are encoded once. Batches are cut out of them when their turn comes, many at a time, since a call of Python costs
more than a batch.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from core.batches import in_order, make_batches
from core.characters import UNKNOWN, Alphabet, EncodedWords, encode, encode_all
from core.draw import Integers
from core.examples import Split
from core.spelling import normalize

Label = Callable[[Integers], npt.NDArray]
InputFn = Callable[[], tf.data.Dataset]

EVALUATION_BATCH = 1024
LONGEST = 300  # characters of a word that is asked; those below 10**18 have 227 at most
_BLOCK = 4096  # words that are cut out at a time
_PREFIXES = 16  # of a word, in a batch


def make_training_input_fn(
    examples: Split,
    *,
    label_name: str,
    label: Label,
    alphabet: Alphabet,
    batch_size: int,
    seed: int,
    start_step: int,
) -> InputFn:
    """Make the endless input of training, each pass over the examples in an order of its own.

    Args:
        examples: what to learn from.
        label_name: the name of the label.
        label: numbers int64 [examples] -> the right answers [examples].
        alphabet: of the character ids.
        batch_size: words in a batch.
        seed: fixes the order of the examples.
        start_step: how many batches were learned before; the input goes on behind them.
    """
    words = encode_all(examples.words, alphabet)
    batch = make_batches(words.lengths, batch_size=batch_size, seed=seed)
    right = label(examples.numbers)

    batches = max(_BLOCK // batch_size, 1)

    def input_fn() -> tf.data.Dataset:
        blocks = tf.data.Dataset.range(start_step, tf.int64.max, batches)
        choose = lambda step: np.stack([batch(number) for number in range(step, step + batches)])  # noqa: E731
        return _batched(blocks, choose, words, {label_name: right}).prefetch(2)

    return input_fn


def make_evaluation_input_fn(examples: Split, *, label_name: str, label: Label, alphabet: Alphabet) -> InputFn:
    """Make the input of one pass over the examples, batches of short words first."""
    words = encode_all(examples.words, alphabet)
    order = np.argsort(words.lengths, kind="stable")
    right = label(examples.numbers)

    def input_fn() -> tf.data.Dataset:
        starts = tf.data.Dataset.range(0, len(order), EVALUATION_BATCH)
        choose = lambda start: order[np.newaxis, start : start + EVALUATION_BATCH]  # noqa: E731
        batches = _batched(starts, choose, words, {label_name: right})
        return batches.apply(tf.data.experimental.assert_cardinality(starts.cardinality())).prefetch(1)

    return input_fn


def make_prediction_input_fn(*, words: Iterable[str], alphabet: Alphabet, language: str) -> InputFn:
    """Make the input of words without labels, in their order; they are taken as they are needed."""

    def input_fn() -> tf.data.Dataset:
        dataset = tf.data.Dataset.from_generator(
            lambda: _batches(words), output_signature=tf.TensorSpec([None], tf.string)
        )
        return dataset.map(lambda batch: ask(batch, alphabet, language)).prefetch(1)

    return input_fn


def make_prefix_input_fn(characters: npt.NDArray[np.int32]) -> InputFn:
    """Make the input of every beginning of a word, the shortest first, some in a batch.

    An LSTM has read no more of a word than it has come to: its state after a beginning is that within the word.

    Args:
        characters: ids of the whole word, [time].
    """

    def input_fn() -> tf.data.Dataset:
        ends = tf.data.Dataset.range(1, len(characters) + 1, output_type=tf.int32).batch(_PREFIXES)
        return ends.map(
            lambda lengths: {
                "characters": tf.tile([tf.constant(characters)[: lengths[-1]]], [tf.size(lengths), 1]),
                "lengths": lengths,
                "readable": tf.ones_like(lengths),
            }
        )

    return input_fn


def ask(words: tf.Tensor, alphabet: Alphabet, language: str) -> dict[str, tf.Tensor]:
    """Make features of words that a person asks, string [batch].

    A word is readable when it has a character and at most LONGEST, all of which training has seen. The others are
    read as a single letter, so that they disturb none beside them.

    Returns:
        `characters`, `lengths`, and `readable`, int32 [batch], 1 or 0.
    """
    spelled = normalize(words, language=language, letters=alphabet.letters)
    lengths = tf.strings.length(spelled, unit="UTF8_CHAR")
    of_a_length = (lengths > 0) & (lengths <= LONGEST)
    short = tf.where(of_a_length, spelled, alphabet.letters[0])
    known = ~tf.reduce_any(tf.equal(encode(short, alphabet)["characters"], UNKNOWN), axis=1)
    readable = of_a_length & known
    features = encode(tf.where(readable, short, alphabet.letters[0]), alphabet)
    return {**features, "readable": tf.cast(readable, tf.int32)}


def _batches(words: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(words)
    while batch := list(itertools.islice(rest, EVALUATION_BATCH)):
        yield batch


@tf.autograph.experimental.do_not_convert  # there is nothing to convert, and to find that out takes long
def _batched(
    places: tf.data.Dataset, choose: Callable[[int], Integers], words: EncodedWords, labels: Mapping[str, npt.NDArray]
) -> tf.data.Dataset:
    """Make (features, labels) of the examples that `choose` gives for each place, [batches, batch].

    The words of a batch come in the order of a dictionary, in which the network reads them fastest.
    """

    def cut(place: np.int64) -> tuple[npt.NDArray, ...]:
        chosen = choose(int(place))
        characters, lengths = words.take(chosen.ravel())
        characters, lengths = characters.reshape(*chosen.shape, -1), lengths.reshape(chosen.shape)
        batch, order = np.arange(len(chosen))[:, np.newaxis], in_order(characters)
        return tuple(values[batch, order] for values in (characters, lengths, *(each[chosen] for each in right)))

    right = list(labels.values())
    types = [tf.int32, tf.int32, *(tf.as_dtype(each.dtype) for each in right)]
    shapes = [[None, None, words.time], *([None, None] for _ in types[1:])]

    def block(place: tf.Tensor) -> tf.data.Dataset:
        arrays = tf.numpy_function(cut, [place], types, stateful=False)
        characters, lengths, *right = map(tf.ensure_shape, arrays, shapes)
        features = {"characters": characters, "lengths": lengths}
        return tf.data.Dataset.from_tensor_slices((features, dict(zip(labels, right, strict=True))))

    options = tf.data.Options()
    options.autotune.enabled = False  # it tunes nothing here, and keeps a session from ending, for seconds
    return places.flat_map(block).with_options(options)
