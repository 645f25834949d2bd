"""Reads NAME=VALUE and named configs from a command line; Sacred's reader would execute what jsonpickle decodes."""

import ast
import json
from collections.abc import Iterable
from typing import Any

from sacred.utils import set_by_dotted_path


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
        name, is_update, value = word.partition("=")
        if is_update:
            set_by_dotted_path(updates, name.strip(), _read_value(value.strip()))
        elif name:
            named_configs.append(name)
    return updates, named_configs


def _read_value(text: str) -> Any:
    """Read a literal as JSON would store it, with a list for a tuple; anything else is text."""
    try:
        return json.loads(json.dumps(ast.literal_eval(text)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text
