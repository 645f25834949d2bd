"""Encodes words as character ids, in the order in which the network reads them.

Training encodes many words at once; serving encodes inside the TensorFlow graph, and only that imports TensorFlow.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.data.alphabet import FIRST_LETTER, PADDING, UNKNOWN, Alphabet

if TYPE_CHECKING:
    import tensorflow as tf

DIRECTIONS = ("forwards", "backwards")
_CHUNK = 4096  # words encoded at a time


@dataclass(frozen=True)
class EncodedWords:
    """Words as character ids, concatenated.

    Attributes:
        ids: of all characters, uint8 or uint16 [characters].
        starts: index in ids at which each word begins, int64 [words].
        lengths: in characters, int32 [words].
    """

    ids: npt.NDArray
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int32]

    @cached_property
    def time(self) -> int:
        """The length of the longest word, in characters."""
        return int(self.lengths.max())

    def take(self, indices: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return words as features: characters [batch, time] and lengths [batch], int32."""
        lengths = self.lengths[indices]
        time = np.arange(self.time)
        inside = time < lengths[:, np.newaxis]
        characters = np.full(inside.shape, PADDING, np.int32)
        characters[inside] = self.ids[(self.starts[indices, np.newaxis] + time)[inside]]
        return characters, lengths


@dataclass(frozen=True)
class Encoder:
    """How words become character ids.

    Attributes:
        alphabet: maps its characters to ids; every other character becomes UNKNOWN.
        direction: `forwards`, from the first character to the last, or `backwards`.

    Raises:
        ValueError: if the direction is unknown.
    """

    alphabet: Alphabet
    direction: str

    def __post_init__(self) -> None:
        if self.direction not in DIRECTIONS:
            raise ValueError(f"direction={self.direction} is unknown: choose one of {', '.join(DIRECTIONS)}")

    @property
    def backwards(self) -> bool:
        """Whether words are read from their last character to the first."""
        return self.direction == "backwards"

    def encode_all(self, words: Sequence[str]) -> EncodedWords:
        """Encode many words, outside of a graph.

        Only the ids are held in memory; words that are written on demand are never in memory together.
        """
        letters = np.array([ord(letter) for letter in self.alphabet.letters])
        kind = np.uint8 if self.alphabet.size <= np.iinfo(np.uint8).max else np.uint16
        ids, lengths = bytearray(), np.empty(len(words), np.int32)
        rest, start = iter(words), 0
        while chunk := list(itertools.islice(rest, _CHUNK)):
            text = "".join(word[::-1] for word in chunk) if self.backwards else "".join(chunk)
            code_points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
            place = np.minimum(np.searchsorted(letters, code_points), len(letters) - 1)
            ids += np.where(letters[place] == code_points, place + FIRST_LETTER, UNKNOWN).astype(kind).tobytes()
            lengths[start : start + len(chunk)] = [len(word) for word in chunk]
            start += len(chunk)
        starts = np.concatenate([[0], np.cumsum(lengths[:-1], dtype=np.int64)])
        return EncodedWords(np.frombuffer(ids, kind), starts, lengths)

    def encode(self, words: "tf.Tensor") -> dict[str, "tf.Tensor"]:
        """Encode words inside a graph, as the features that the network reads.

        Args:
            words: string [batch], UTF-8.

        Returns:
            `characters`, int32 [batch, time], padded with PADDING, and `lengths`, int32 [batch], in characters.
        """
        import tensorflow as tf

        letters = tf.constant([ord(letter) for letter in self.alphabet.letters])
        code_points = tf.strings.unicode_decode(words, "UTF-8")
        place = tf.searchsorted(letters, code_points.flat_values)
        place = tf.minimum(place, len(self.alphabet.letters) - 1)
        known = tf.equal(tf.gather(letters, place), code_points.flat_values)
        ids = tf.where(known, place + FIRST_LETTER, UNKNOWN)
        characters = code_points.with_flat_values(ids).to_tensor(PADDING)
        lengths = tf.cast(code_points.row_lengths(), tf.int32)
        if self.backwards:
            characters = tf.reverse_sequence(characters, lengths, seq_axis=1)
        return {"characters": characters, "lengths": lengths}

    def decode(self, ids: Sequence[int]) -> str:
        """Return the word of the ids of known characters."""
        letters = [self.alphabet.letters[place - FIRST_LETTER] for place in ids]
        return "".join(reversed(letters) if self.backwards else letters)
