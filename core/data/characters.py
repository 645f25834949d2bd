"""Encodes words as character ids: many at once for training, and inside the TensorFlow graph for serving.

Only the second needs TensorFlow, which `encode` imports: a command can read an alphabet without it.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import tensorflow as tf

PADDING, UNKNOWN, FIRST_LETTER = 0, 1, 2
_FILE = "alphabet.txt"
_CHUNK = 4096  # words encoded at a time


@dataclass(frozen=True)
class Alphabet:
    """The characters that a network has embeddings for.

    Attributes:
        letters: distinct characters in ascending order of their code points. The id of `letters[i]` is
            FIRST_LETTER + i.
    """

    letters: str

    def __post_init__(self) -> None:
        if not self.letters or list(self.letters) != sorted(set(self.letters)):
            raise ValueError(f"letters={self.letters!r}: an alphabet has distinct letters in ascending order")

    @property
    def size(self) -> int:
        """The number of ids, including padding and the unknown character."""
        return FIRST_LETTER + len(self.letters)


def make_alphabet(words: Iterable[str]) -> Alphabet:
    """Make the alphabet of all characters that occur in the words."""
    letters: set[str] = set()
    rest = iter(words)
    while chunk := list(itertools.islice(rest, _CHUNK)):
        letters.update("".join(chunk))
    return Alphabet("".join(sorted(letters)))


def save_alphabet(alphabet: Alphabet, model_dir: Path) -> None:
    """Store the alphabet beside the checkpoint trained with it."""
    (model_dir / _FILE).write_text(alphabet.letters, encoding="utf-8")


def load_alphabet(model_dir: Path) -> Alphabet:
    """Read the alphabet of a checkpoint.

    Raises:
        FileNotFoundError: if model_dir has none.
    """
    return Alphabet((model_dir / _FILE).read_text(encoding="utf-8"))


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

    def take(self, places: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return words as the features of `encode`: characters [batch, time] and lengths [batch], int32."""
        lengths = self.lengths[places]
        time = np.arange(self.time)
        inside = time < lengths[:, np.newaxis]
        characters = np.full(inside.shape, PADDING, np.int32)
        characters[inside] = self.ids[(self.starts[places, np.newaxis] + time)[inside]]
        return characters, lengths


def encode_all(words: Sequence[str], alphabet: Alphabet) -> EncodedWords:
    """Encode many words as `encode` does, outside of a graph.

    Only the ids are held in memory; words that are written on demand are never in memory together.
    """
    letters = np.array([ord(letter) for letter in alphabet.letters])
    kind = np.uint8 if alphabet.size <= np.iinfo(np.uint8).max else np.uint16
    ids, lengths = bytearray(), np.empty(len(words), np.int32)
    rest, start = iter(words), 0
    while chunk := list(itertools.islice(rest, _CHUNK)):
        code_points = np.frombuffer("".join(chunk).encode("utf-32-le"), np.uint32)
        place = np.minimum(np.searchsorted(letters, code_points), len(letters) - 1)
        ids += np.where(letters[place] == code_points, place + FIRST_LETTER, UNKNOWN).astype(kind).tobytes()
        lengths[start : start + len(chunk)] = [len(word) for word in chunk]
        start += len(chunk)
    starts = np.concatenate([[0], np.cumsum(lengths[:-1], dtype=np.int64)])
    return EncodedWords(np.frombuffer(ids, kind), starts, lengths)


def encode(words: "tf.Tensor", alphabet: Alphabet) -> dict[str, "tf.Tensor"]:
    """Encode words as the features that the network reads.

    Args:
        words: string [batch], UTF-8.
        alphabet: maps its characters to ids; every other character becomes UNKNOWN.

    Returns:
        `characters`, int32 [batch, time], padded with PADDING, and `lengths`, int32 [batch], in characters.
    """
    import tensorflow as tf

    letters = tf.constant([ord(letter) for letter in alphabet.letters])
    code_points = tf.strings.unicode_decode(words, "UTF-8")
    place = tf.searchsorted(letters, code_points.flat_values)
    place = tf.minimum(place, len(alphabet.letters) - 1)
    known = tf.equal(tf.gather(letters, place), code_points.flat_values)
    ids = tf.where(known, place + FIRST_LETTER, UNKNOWN)
    return {
        "characters": code_points.with_flat_values(ids).to_tensor(PADDING),
        "lengths": tf.cast(code_points.row_lengths(), tf.int32),
    }
