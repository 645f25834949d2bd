"""The alphabet of a network: the characters that it has embeddings for."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PADDING, UNKNOWN, FIRST_LETTER = 0, 1, 2
ALPHABET = "alphabet.txt"
"""The file beside the checkpoint."""

_CHUNK = 4096  # words read at a time


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


def load_alphabet(model_dir: Path) -> Alphabet:
    """Read the alphabet of a checkpoint.

    Raises:
        FileNotFoundError: if model_dir has none.
    """
    return Alphabet((model_dir / ALPHABET).read_text(encoding="utf-8"))
