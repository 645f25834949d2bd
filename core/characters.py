"""Turns words into character ids, inside the TensorFlow graph, so that training and serving read alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

PADDING, UNKNOWN, FIRST_LETTER = 0, 1, 2
_FILE = "alphabet.txt"


@dataclass(frozen=True)
class Alphabet:
    """The characters that a network has an embedding for.

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
        """How many ids there are, padding and the unknown character included."""
        return FIRST_LETTER + len(self.letters)


def make_alphabet(words: Iterable[str]) -> Alphabet:
    """Make the alphabet of all characters that occur in the words."""
    return Alphabet("".join(sorted(set("".join(words)))))


def save_alphabet(alphabet: Alphabet, model_dir: Path) -> None:
    """Store the alphabet beside the checkpoint that was trained with it."""
    (model_dir / _FILE).write_text(alphabet.letters, encoding="utf-8")


def load_alphabet(model_dir: Path) -> Alphabet:
    """Read the alphabet that a checkpoint was trained with.

    Raises:
        FileNotFoundError: when model_dir has none.
    """
    return Alphabet((model_dir / _FILE).read_text(encoding="utf-8"))


def encode(words: tf.Tensor, alphabet: Alphabet) -> dict[str, tf.Tensor]:
    """Encode words as the features that the network reads.

    Args:
        words: string [batch], UTF-8.
        alphabet: its characters get ids of their own, all others get UNKNOWN.

    Returns:
        `characters`, int32 [batch, time], filled up with PADDING, and `lengths`, int32 [batch], in characters.
    """
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
