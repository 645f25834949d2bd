"""The error for a request that cannot be carried out, such as one without its packages or in another encoding."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sacred.utils import SacredError


class UserError(SacredError):
    """A request that cannot be carried out; the message is one line that a person can act on."""

    def __init__(self, message: object) -> None:
        super().__init__(" ".join(str(message).split()), print_traceback=False, print_usage=False)


@contextmanager
def requires_extra(name: str, user: str) -> Iterator[None]:
    """Say how to install an optional dependency if an import in such a block fails.

    Args:
        name: of the extra in pyproject.toml.
        user: the option or command that needs it.

    Raises:
        UserError: has the command that installs it.
    """
    try:
        yield
    except ImportError as error:
        raise UserError(f'{user} needs packages: pip install -c constraints.txt -e ".[{name}]" ({error})') from error


def refuse_other_encodings(texts: Iterable[str]) -> None:
    """Refuse text with bytes that are not UTF-8, which Python keeps as surrogates.

    Raises:
        UserError: shows the bytes.
    """
    for text in texts:
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            shown = "".join(_shown(letter) for letter in text)
            raise UserError(f"{shown} is not UTF-8: write it in a terminal or a script whose encoding is UTF-8")


def _shown(letter: str) -> str:
    """Show a byte that could not be decoded, and any other surrogate, by its number."""
    if "\udc80" <= letter <= "\udcff":
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return f"\\u{ord(letter):04x}" if "\ud800" <= letter <= "\udfff" else letter
