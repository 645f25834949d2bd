"""Makes the log_scalar of a run append points to the journal at once, before Sacred's heartbeats do.

Each observer that writes a journal asks for it when its run starts. Sacred hands observers all that it knows but the
run itself; the call stack has it.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sacred.metrics_logger import MetricsLogger, ScalarMetricLogEntry
from sacred.observers import RunObserver
from sacred.run import Run

from observers.directory.points import QueuedPoint

if TYPE_CHECKING:
    from observers.directory.recording import Recording

_Append = Callable[..., None]


class JournalingObserver(ABC):
    """An observer whose recording of a run has a journal of points.

    Attributes:
        writes_at_once: whether a point of the run is written when it is logged.
        ignores_queued_points: whether the journal already has the points that Sacred hands over at heartbeats.
    """

    writes_at_once = False
    ignores_queued_points = False

    @property
    @abstractmethod
    def recording(self) -> Recording:
        """The files of the run."""

    @property
    @abstractmethod
    def directory(self) -> Path | None:
        """The directory of the run, None before it has started."""


def attach_to_starting_run(observer: JournalingObserver) -> None:
    """Have the run that is calling the started_event of an observer log its points at once.

    If something else calls it, points come with the heartbeats.
    """
    frame = sys._getframe()
    while frame is not None:
        run = frame.f_locals.get("self") if frame.f_code.co_name == "_emit_started" else None
        if isinstance(run, Run) and any(each is observer for each in run.observers):
            log_points_at_once(run)
            return
        frame = frame.f_back  # type: ignore[assignment]


def log_points_at_once(run: Run) -> None:
    """Have each JournalingObserver of a run write a point when it is logged; a second call changes nothing.

    Without it, points are written at Sacred's heartbeats, and a SIGKILL loses those of the last seconds. Other
    observers get their points at the heartbeats in either case.
    """
    directories = [
        observer for observer in run.observers if isinstance(observer, JournalingObserver) and observer.directory
    ]
    new = [observer for observer in directories if not observer.writes_at_once]
    if not new:
        return
    earlier = run._metrics.get_last_metrics()
    for observer in new:
        observer.writes_at_once = True
        observer.recording.share_info(run.info)
        observer.recording.add_points(
            QueuedPoint(point.timestamp, point.name, point.value, point.step) for point in earlier
        )
    appends: list[_Append] = [observer.recording.points.journal.append for observer in directories]
    if any(_takes_metrics(observer) for observer in run.observers):
        run._metrics = _QueueForOthers(run._metrics, earlier, directories)
        appends.append(run._metrics.log_scalar_metric)
    run.log_scalar = appends[0] if len(appends) == 1 else _call_each(appends)


class _QueueForOthers(MetricsLogger):
    """Sacred's queue of points, all of which are in the journals of some observers already."""

    def __init__(
        self,
        earlier: MetricsLogger,
        points: Sequence[ScalarMetricLogEntry],
        journaling: Sequence[JournalingObserver],
    ) -> None:
        super().__init__()
        self._metric_step_counter = earlier._metric_step_counter
        self._journaling = journaling
        for point in points:
            self._logged_metrics.put(point)

    def get_last_metrics(self) -> list[ScalarMetricLogEntry]:
        """Return the points of a heartbeat; the heartbeat before may still be handing over points from before."""
        for observer in self._journaling:
            observer.ignores_queued_points = True
        points: list[ScalarMetricLogEntry] = super().get_last_metrics()
        return points


def _call_each(appends: Sequence[_Append]) -> _Append:
    def log_scalar(metric_name: str, value: Any, step: float | None = None) -> None:
        for append in appends:
            append(metric_name, value, step)

    return log_scalar


def _takes_metrics(observer: Any) -> bool:
    """Tell whether an observer, other than those that write journals, does something with points."""
    method = getattr(observer, "log_metrics", None)
    return (
        not isinstance(observer, JournalingObserver)
        and method is not None
        and getattr(method, "__func__", None) is not RunObserver.log_metrics
    )
