"""Reads NAME=VALUE and named configs from a command line; Sacred's reader would execute what jsonpickle decodes."""

import ast
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sacred.utils import set_by_dotted_path

_SUFFIXES = (".json", ".yaml", ".yml")
"""Of config files."""


def read_updates(words: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """Read what stands after `with`.

    Args:
        words: each NAME=VALUE, where VALUE is a Python literal or text; or the name of a named config or file.

    Returns:
        The config updates as a nested dictionary, and the names.
    """
    updates: dict[str, Any] = {}
    named_configs = []
    for word in words:
        if is_update(word):
            name, _, value = word.partition("=")
            set_by_dotted_path(updates, name.strip(), _read_value(value.strip()))
        elif word:
            named_configs.append(word)
    return updates, named_configs


def is_update(word: str) -> bool:
    """Tell whether a word sets an entry: it is NAME=VALUE, and not a path such as lr=0.01/1/config.json."""
    name, has_value, _ = word.partition("=")
    return bool(has_value) and "/" not in name and not is_config_path(word)


def is_config_path(word: str) -> bool:
    """Tell whether a word is the path of a config file that exists."""
    try:
        return Path(word).suffix in _SUFFIXES and Path(word).is_file()
    except (OSError, ValueError):  # too long, or no path
        return False


def write_update(name: str, value: Any) -> str:
    """Write NAME=VALUE so that read_updates reads the same value."""
    text = str(value)
    is_plain = not isinstance(value, str) or (isinstance(_read_value(text), str) and text == text.strip())
    return f"{name}={text if is_plain else repr(value)}"


def _read_value(text: str) -> Any:
    """Read a literal as JSON would store it, with a list for a tuple; anything else is text."""
    try:
        return json.loads(json.dumps(ast.literal_eval(text)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text
