"""Decides which examples share a batch of training, a pure function of the seed and the step, and in which order.

Words of like length share a batch: the LSTM makes as many steps as the longest has characters, and more of the words
begin alike (*vierhundert...*), which is read once for all of them.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.draw import Integers

_BUCKETS = 8
_LEAST_BATCHES = 8  # of a pass


def make_batches(lengths: npt.NDArray, *, batch_size: int, seed: int) -> Callable[[int], Integers]:
    """Make the endless sequence of batches.

    A pass shows every example once, or equally often where they are too few for eight batches, but for those that are
    left over when batches are cut, which are others in each pass. It is drawn anew, sorted by the eighth of lengths
    that an example is in, cut, and the batches are drawn in turn.

    Args:
        lengths: of the words, in characters, integers [examples].
        batch_size: examples in a batch.
        seed: fixes all passes.

    Returns:
        A function from the number of a batch, 0 and up, to the indices of its examples, int64 [batch]. It is fast
        for batches of the same pass.
    """
    size = len(lengths) * -(-_LEAST_BATCHES * batch_size // len(lengths))
    batches = size // batch_size
    buckets = np.searchsorted(_boundaries(lengths), lengths, side="right").astype(np.uint8)
    current: tuple[int, Integers] = (-1, np.empty(0, np.int64))

    def draw_pass(number: int) -> Integers:
        draw = np.random.default_rng([seed, number])
        drawn = draw.permutation(size)[: batches * batch_size] % len(lengths)
        cut = drawn[np.argsort(buckets[drawn], kind="stable")].reshape(batches, batch_size)
        return cut[draw.permutation(batches)]

    def batch(number: int) -> Integers:
        nonlocal current
        held = current
        if number // batches != held[0]:
            current = held = (number // batches, draw_pass(number // batches))
        return held[1][number % batches]

    return batch


def in_order(characters: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Bring the words of each batch into the order of a dictionary, in which those that begin alike are neighbours.

    Args:
        characters: ids, padded alike, [batches, batch, time].

    Returns:
        Their places in that order, int64 [batches, batch].
    """
    spelled = np.ascontiguousarray(characters, dtype=">i4")  # bytes in the order of ids
    words = spelled.view(f"V{spelled.shape[2] * spelled.itemsize}")[..., 0]
    return words.argsort(axis=1, kind="stable")


def _boundaries(lengths: npt.NDArray) -> npt.NDArray:
    """Choose lengths that part the words into buckets of about equal size; each begins a bucket."""
    return np.unique(np.quantile(lengths, np.arange(1, _BUCKETS) / _BUCKETS, method="nearest") + 1)
