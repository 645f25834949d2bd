"""What is asked of every tracker: runs of two metrics for the writing, of twenty for the reading.

It runs in the environment of a tracker, so it imports the standard library only.
"""

import os
import signal
import time
from collections.abc import Callable, Mapping

from tests.benchmarks.trackers.inside.meter import Meter

Log = Callable[[int, Mapping[str, float]], None]
"""Logs the values of one step."""

Work = Callable[[Log], None]
"""Logs all points of a run."""

_PACE = 0.002  # seconds a step, in a run that outlives its server


def log_at_full_speed(meter: Meter, points: int) -> Work:
    """Log two points a step, as fast as possible, and measure it."""

    def work(log: Log) -> None:
        meter.first()
        for step in range(points // 2):
            log(step, {"train/loss": 1 / (step + 1), "train/accuracy": step / (step + 1)})
        meter.last(points // 2 * 2)

    return work


def log_and_die(points: int) -> Work:
    """Log two points a step, as fast as possible, and send SIGKILL to this process."""

    def work(log: Log) -> None:
        for step in range(points // 2):
            log(step, {"train/loss": 1 / (step + 1), "train/accuracy": step / (step + 1)})
        os.kill(os.getpid(), signal.SIGKILL)

    return work


def log_for_a_time(meter: Meter, seconds: float) -> Work:
    """Log two points every two milliseconds."""

    def work(log: Log) -> None:
        meter.first()
        began = time.monotonic()
        step = 0
        while time.monotonic() < began + seconds:
            log(step, {"train/loss": 1 / (step + 1), "train/accuracy": step / (step + 1)})
            step += 1
            time.sleep(max(0.0, began + step * _PACE - time.monotonic()))
        meter.last(2 * step)

    return work


def log_many_metrics(metrics: int, points: int) -> Work:
    """Log so many points of so many metrics, metric/0 and so on."""

    def work(log: Log) -> None:
        for step in range(points):
            log(step, {f"metric/{number}": number + 1 / (step + 1) for number in range(metrics)})

    return work
