"""What is stored of a run, as incense has it, but read and frozen when somebody asks for it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pyrsistent import freeze, thaw


class RunData(Mapping[str, Any]):
    """The items of a run by name, as attributes too; their lists and mappings are frozen by pyrsistent.

    Freezing costs several times as much as reading, and a table needs neither frozen values nor the output of a run.
    """

    def __init__(self, stored: Mapping[str, Any], read: Mapping[str, Callable[[], Any]] | None = None) -> None:
        """Prepare to freeze.

        Args:
            stored: the items that are read already.
            read: functions that read the others.
        """
        self._stored = dict(stored)
        self._unread = dict(read or {})
        self._frozen: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._frozen:
            self._frozen[name] = freeze(self.plain(name))
        return self._frozen[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_stored", "_unread", "_frozen"):  # of an instance that is being copied
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the run has no {name}") from None

    def __iter__(self) -> Iterator[str]:
        return iter({**self._stored, **self._unread})

    def __len__(self) -> int:
        return len({**self._stored, **self._unread})

    def plain(self, name: str) -> Any:
        """Return an item as it is stored, which the caller must not change.

        Raises:
            KeyError: there is none.
        """
        if name in self._unread:
            self._stored[name] = self._unread.pop(name)()
        return self._stored[name]

    def to_dict(self) -> dict[str, Any]:
        """Return all items, with lists and mappings of their own."""
        return {name: thaw(self[name]) for name in self}


def plain(experiment: Any, name: str) -> Any:
    """Return an item of an experiment in lists and mappings that are not frozen, also of one that incense has read.

    The caller must not change it. It is None if there is none.
    """
    data = getattr(experiment, "_data", None)
    if not isinstance(data, RunData):
        return thaw(getattr(experiment, name, None))
    try:
        return data.plain(name)
    except KeyError:
        return None
