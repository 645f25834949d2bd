"""Decides which examples share a batch of training, a pure function of the seed and the step, and what they share.

Words of like length share a batch, so that it is padded little, and the LSTM, which stops at the longest word of a
batch, does little for nothing. Many of them begin alike (*vierhundert...*), and what they begin with has to be read
once only.
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


def shared_lengths(characters: npt.NDArray[np.int32], lengths: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Choose how much of the words of each batch is read once for all that begin alike.

    It saves the most steps of the LSTM, k (n - u_k), where u_k is the number of distinct beginnings of k characters
    among n words, and leaves every word a character.

    Args:
        characters: ids, [batches, batch, time].
        lengths: of the words, [batches, batch].

    Returns:
        k of each batch, int32 [batches].
    """
    most = lengths.min(axis=1) - 1
    longest = int(most.max())
    if longest < 1:
        return np.zeros(len(lengths), np.int32)
    beginnings = np.ascontiguousarray(characters[:, :, :longest])
    whole = beginnings.view(f"V{longest * beginnings.itemsize}")
    ordered = np.sort(whole, axis=1).view(characters.dtype)  # those that are alike follow each other
    differs = np.logical_or.accumulate(ordered[:, 1:] != ordered[:, :-1], axis=2)
    k = np.arange(1, longest + 1)
    saved = k * (lengths.shape[1] - 1 - differs.sum(axis=1))
    saved[k > most[:, np.newaxis]] = 0
    return np.where(saved.any(axis=1), saved.argmax(axis=1) + 1, 0).astype(np.int32)


def _boundaries(lengths: npt.NDArray) -> npt.NDArray:
    """Choose lengths that part the words into buckets of about equal size; each begins a bucket."""
    return np.unique(np.quantile(lengths, np.arange(1, _BUCKETS) / _BUCKETS, method="nearest") + 1)
