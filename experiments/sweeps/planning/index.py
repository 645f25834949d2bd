"""Finds stored runs by their config, however many there are."""

from collections.abc import Iterator, Mapping
from typing import Any

from experiments.pipeline.config import ENTRIES, complete
from observers.stored_runs.stored_run import StoredRun

_Key = tuple[Any, ...]
_WITHOUT_SEED = tuple(name for name in ENTRIES if name != "seed")


class RunIndex:
    """Runs by the values of their config entries, with and without the seed, in the order in which they were added."""

    def __init__(self) -> None:
        """Begin without a run."""
        self._runs: dict[_Key, dict[int, StoredRun]] = {}
        self._keys: dict[int, list[_Key]] = {}

    def add(self, run: StoredRun) -> None:
        """Add a run; one with a damaged config has no value that a config can have, and is left out."""
        keys = list(_keys_of(complete(run.config)))
        if not all(map(_is_hashable, keys)):
            return
        self._keys[id(run)] = keys
        for key in keys:
            self._runs.setdefault(key, {})[id(run)] = run

    def find(self, config: Mapping[str, Any], *, any_seed: bool) -> list[StoredRun]:
        """Return the runs with the values of a config.

        Args:
            config: all config entries.
            any_seed: whether runs with another seed count as well.
        """
        exact, without_seed = _keys_of(config)
        return list(self._runs.get(without_seed if any_seed else exact, {}).values())

    def remove(self, run: StoredRun) -> None:
        """Remove a run that was added."""
        for key in self._keys.pop(id(run)):
            del self._runs[key][id(run)]


def _keys_of(config: Mapping[str, Any]) -> Iterator[_Key]:
    """Yield the values of a config with and without the seed; the keys of both kinds differ in their length."""
    without_seed = tuple(config.get(name) for name in _WITHOUT_SEED)
    yield (*without_seed, config.get("seed"))
    yield without_seed


def _is_hashable(key: _Key) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True
