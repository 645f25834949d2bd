"""Begins a training with small numbers, whose words are short, and lets it grow to all of them."""

from collections.abc import Callable

import numpy as np

from core.data.draw import Integers

_FIRST_LOGARITHM = 1.31  # log10(n + 1) up to 19, the numbers whose words are not made of others
_FEWEST = 20  # examples to choose from
_STREAM = 1  # its random numbers are not those of the passes


def begin_small(
    batch: Callable[[int], Integers], numbers: Integers, *, batch_size: int, seed: int, steps: int
) -> Callable[[int], Integers]:
    """Let the batches of the first steps have small numbers only.

        log10(n + 1) <= 1.31 + (log10(max + 1) - 1.31) step / steps        max is the largest of the numbers

    Args:
        batch: the sequence of batches that follows.
        numbers: behind the words, [examples].
        batch_size: examples in a batch.
        seed: fixes the batches.
        steps: how many batches this lasts.

    Returns:
        A function from the number of a batch, 0 and up, to the indices of its examples, int64 [batch]: drawn anew for
        each batch, without repetition if there are enough of them.
    """
    order = np.argsort(numbers, kind="stable")
    logarithms = np.log10(numbers[order] + 1.0)

    def batch_or_small(step: int) -> Integers:
        if step >= steps:
            return batch(step - steps)
        limit = _FIRST_LOGARITHM + (logarithms[-1] - _FIRST_LOGARITHM) * step / steps
        allowed = max(int(np.searchsorted(logarithms, limit, side="right")), min(_FEWEST, len(order)))
        draw = np.random.default_rng([seed, step, _STREAM])
        chosen: Integers = order[draw.choice(allowed, batch_size, replace=allowed < batch_size)]
        return chosen

    return batch_or_small
