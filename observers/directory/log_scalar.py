"""Makes the log_scalar of a run append points to the journal at once, before Sacred's heartbeats do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sacred.metrics_logger import MetricsLogger, ScalarMetricLogEntry
from sacred.observers import RunObserver
from sacred.run import Run

from observers.directory.observer import RunDirectoryObserver
from observers.directory.points import QueuedPoint

_Append = Callable[..., None]


def log_points_at_once(run: Run) -> None:
    """Have each RunDirectoryObserver of a run write a point when it is logged.

    Call it in a pre-run hook. Without it, points are written at Sacred's heartbeats, and a SIGKILL loses those of the
    last seconds. Other observers get their points at the heartbeats in either case.
    """
    directories = [observer for observer in run.observers if isinstance(observer, RunDirectoryObserver)]
    if not directories:
        return
    earlier = run._metrics.get_last_metrics()
    for observer in directories:
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
        journaling: Sequence[RunDirectoryObserver],
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
        not isinstance(observer, RunDirectoryObserver)
        and method is not None
        and getattr(method, "__func__", None) is not RunObserver.log_metrics
    )
