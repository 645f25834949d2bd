"""Keeps what thousands of JSON files have in common once in memory: packages and sources of runs, their host."""

from typing import Any

import orjson

_MOST = 100  # different parts that are compared with


class EqualParts:
    """Parts of contents that were read before.

    Parts are equal if they are written alike: 1, 1.0 and true differ.
    """

    def __init__(self, *names: str) -> None:
        """Begin without a part.

        Args:
            names: of the parts in a content.
        """
        self._names = names
        self._kept: dict[bytes, Any] = {}

    def share(self, content: Any) -> None:
        """Replace parts of a content by equal ones of earlier contents; nobody may change them from now on."""
        for name in self._names if isinstance(content, dict) else ():
            part = content.get(name)
            if isinstance(part, (dict, list)):
                content[name] = self._find(part)

    def _find(self, part: Any) -> Any:
        try:
            written = orjson.dumps(part)
        except TypeError:  # numbers above 64 bits, lone surrogates
            return part
        known = self._kept.get(written)
        if known is None and len(self._kept) < _MOST:
            self._kept[written] = part
        return known if known == part else part  # NaN is written as null
