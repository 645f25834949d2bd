"""Chooses which examples share a batch of training, a pure function of the seed and the step, and in which order.

Words of similar length share a batch (bucketing): the LSTM makes as many steps as the longest word has characters.
More of these words also begin alike (*vierhundert...*), and a shared beginning is read once for all of them.
"""

import functools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.data.draw import Integers

_BUCKETS = 12
_LEAST_BATCHES = 8  # of a pass


def make_batches(lengths: npt.NDArray, *, batch_size: int, seed: int) -> Callable[[int], Integers]:
    """Make the endless sequence of batches.

    A pass is drawn anew each time, sorted by bucket of length, cut into batches, and the batches are shuffled. It
    shows every example once, or equally often where there are too few for eight batches. Examples left over after the
    last full batch are skipped; each pass skips others.

    Args:
        lengths: of the words, in characters, integers [examples].
        batch_size: examples in a batch.
        seed: fixes all passes.

    Returns:
        A function from the number of a batch, 0 and up, to the indices of its examples, int64 [batch]. It is fast
        for consecutive batches of the same pass.
    """
    size = len(lengths) * -(-_LEAST_BATCHES * batch_size // len(lengths))
    batches = size // batch_size
    buckets = np.searchsorted(_bucket_boundaries(lengths), lengths, side="right").astype(np.uint8)

    @functools.lru_cache(maxsize=1)
    def draw_pass(number: int) -> Integers:
        draw = np.random.default_rng([seed, number])
        drawn = draw.permutation(size)[: batches * batch_size] % len(lengths)
        cut = drawn[np.argsort(buckets[drawn], kind="stable")].reshape(batches, batch_size)
        return cut[draw.permutation(batches)]

    def batch(number: int) -> Integers:
        return draw_pass(number // batches)[number % batches]

    return batch


def dictionary_order(characters: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Sort the words of each batch as a dictionary does, so that words that begin alike are neighbours.

    Args:
        characters: ids, padded alike, [batches, batch, time].

    Returns:
        The indices that sort each batch, int64 [batches, batch].
    """
    big_endian = np.ascontiguousarray(characters, dtype=">i4")  # its bytes sort as its ids do
    words = big_endian.view(f"V{big_endian.shape[2] * big_endian.itemsize}")[..., 0]
    return words.argsort(axis=1, kind="stable")


def _bucket_boundaries(lengths: npt.NDArray) -> npt.NDArray:
    """Choose the lengths at which buckets begin, so that the buckets have about equal sizes."""
    return np.unique(np.quantile(lengths, np.arange(1, _BUCKETS) / _BUCKETS, method="nearest") + 1)
