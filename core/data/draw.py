"""Draws distinct numbers from a range of any size, one index at a time.

The draw is a keyed permutation of the range, so the i-th number is a pure function of (seed, i). It needs no
shuffle and no memory of earlier draws, and disjoint intervals of the index give disjoint sets of numbers.

The permutation is a Feistel network over Z_a x Z_b with a*b >= size; a value outside of the range walks its
cycle until it is back inside (J. Black, P. Rogaway: Ciphers with Arbitrary Finite Domains, CT-RSA 2002, methods
2 and 3):

    x = L + a*R,   (L, R) <- (L + F_1(R) mod a, R),   (L, R) <- (L, R + F_2(L) mod b),   ...

The round functions are the finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood: Fast Splittable
Pseudorandom Number Generators, OOPSLA 2014) on the sum of a round key and the other half. This is good for
statistics, not for cryptography.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

LARGEST_RANGE = 10**18
_ROUNDS = 12


def make_draw(*, minimum: int, maximum: int, seed: int, stream: int = 0) -> Callable[[Integers], Integers]:
    """Make the draw without replacement from minimum..maximum, both inclusive.

    Args:
        minimum: the smallest number, at least 0.
        maximum: the largest number; the range holds at most 10**18 numbers.
        seed: any integer >= 0; another seed gives another order.
        stream: number of the draw; draws of one seed with different streams are independent.

    Returns:
        A function from indices int64 [examples], each in 0..maximum-minimum, to the numbers int64
        [examples] at these indices. Distinct indices give distinct numbers.

    Raises:
        ValueError: if the range is empty, negative or too large, or the seed is negative.
    """
    size = maximum - minimum + 1
    if minimum < 0 or not 1 <= size <= LARGEST_RANGE:
        raise ValueError(
            f"cannot draw from {minimum}..{maximum}: the range must hold 1 to 10**18 numbers, none below 0"
        )
    if seed < 0:
        raise ValueError(f"seed={seed}: a seed is an integer >= 0")
    permute = _make_permutation(size, np.random.SeedSequence(seed, spawn_key=(stream,)))

    def draw(indices: Integers) -> Integers:
        indices = np.asarray(indices, dtype=np.int64)
        if indices.size and not 0 <= indices.min() <= indices.max() < size:
            raise ValueError(f"index {indices.min()}..{indices.max()} outside of 0..{size - 1}")
        return minimum + permute(indices.astype(np.uint64)).astype(np.int64)

    return draw


def _make_permutation(
    size: int, entropy: np.random.SeedSequence
) -> Callable[[npt.NDArray[np.uint64]], npt.NDArray[np.uint64]]:
    """Make the permutation of range(size) by cycle walking over the Feistel network."""
    a = math.isqrt(size - 1) + 1
    b = -(-size // a)
    keys = entropy.generate_state(_ROUNDS, np.uint64).astype(np.uint64)

    def permute(positions: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        positions = _feistel(positions, np.uint64(a), np.uint64(b), keys)
        outside = positions >= size
        while outside.any():
            positions[outside] = _feistel(positions[outside], np.uint64(a), np.uint64(b), keys)
            outside = positions >= size
        return positions

    return permute


def _feistel(
    x: npt.NDArray[np.uint64], a: np.uint64, b: np.uint64, keys: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    right, left = np.divmod(x, a)
    for odd_key, even_key in zip(keys[::2], keys[1::2], strict=True):
        left = (left + _mix(right + odd_key) % a) % a
        right = (right + _mix(left + even_key) % b) % b
    return left + a * right


def _mix(z: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatter the bits of z: the finaliser of SplitMix64, modulo 2**64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
