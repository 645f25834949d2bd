"""The metrics of a run, as incense has them, but read when somebody asks for them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

Curve = tuple[Sequence[Any], Sequence[Any]]
"""The steps and the values of a metric, in the order in which they were logged."""


def are_points(steps: object, values: object) -> bool:
    """Tell whether two stored values are the steps and the values of a metric: lists of the same length."""
    return (
        isinstance(steps, list)
        and isinstance(values, list)
        and len(steps) == len(values)
        and set(map(type, steps)) <= {int, float}
    )


class Metrics(Mapping[str, pd.Series]):
    """The metrics of a run by name, each a series of values over steps.

    A table of 10,000 runs needs the last values only: `last` reads them without building a series. A picture needs one
    metric of each run: the first one that is asked for is read alone, and with the second all are read.
    """

    def __init__(
        self,
        read: Callable[[], Mapping[str, Curve]],
        read_last: Callable[[], Mapping[str, Any]] | None = None,
        read_one: Callable[[str], Curve | None] | None = None,
    ) -> None:
        """Prepare to read.

        Args:
            read: returns the points of each metric.
            read_last: returns the last value of each metric; None takes it from the points.
            read_one: returns the points of a metric, None if it has none; None takes them from all points.
        """
        self._read = read
        self._read_last = read_last
        self._read_one = read_one
        self._one: dict[str, Curve | None] = {}
        self._columns: Mapping[str, Curve] | None = None
        self._last: Mapping[str, Any] | None = None
        self._series: dict[str, pd.Series] = {}

    def __getitem__(self, name: str) -> pd.Series:
        if name not in self._series:
            columns = self._find(name)
            if columns is None:
                raise KeyError(name)
            steps, values = columns
            self._series[name] = pd.Series(values, index=pd.Index(steps, name="step"), name=name)
        return self._series[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(sorted(self.last()))})"

    def last(self) -> dict[str, Any]:
        """Return the last value of each metric that has one."""
        if self._last is None:
            self._last = self._read_last() if self._read_last is not None else self._last_of_points()
        return dict(self._last)

    def _last_of_points(self) -> dict[str, Any]:
        """Return the last values without keeping the points: a table of many runs needs no more."""
        return last_of(self._columns if self._columns is not None else self._read())

    def _find(self, name: str) -> Curve | None:
        if self._columns is None and self._read_one is not None and not self._one:
            self._one[name] = self._read_one(name)
        return self._one[name] if name in self._one else self._loaded().get(name)

    def _loaded(self) -> Mapping[str, Curve]:
        if self._columns is None:
            self._columns = self._read()
        return self._columns


def last_of(columns: Mapping[str, Curve]) -> dict[str, Any]:
    """Return the last value of each metric that has one."""
    return {name: values[-1] for name, (_, values) in columns.items() if len(values)}


def last_values(metrics: Mapping[str, pd.Series]) -> dict[str, Any]:
    """Return the last value of each metric of an experiment, also of one that incense has read itself."""
    if isinstance(metrics, Metrics):
        return metrics.last()
    return {name: series.iloc[-1] for name, series in metrics.items() if len(series)}
