"""Writes the event files that TensorBoard shows."""

import time
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf

_HELD_SECONDS = 1.0


class Events:
    """The one event file of this process in a directory.

    Scalars are held for a second and written together: what is written by itself between two steps of a training
    finds nothing in the processor's caches, and takes three times as long.
    """

    def __init__(self, directory: str | Path) -> None:
        """Open the file, or go on with it: two within a second would have one name, and overwrite each other."""
        with tf.Graph().as_default():  # a writer stores the graph that it is made in
            self._writer = tf.compat.v1.summary.FileWriterCache.get(str(directory))
        self._held: list[tuple[float, int, Mapping[str, float]]] = []

    def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
        """Add values by name, as points of a step and of now."""
        now = time.time()
        self._held.append((now, step, scalars))
        if now - self._held[0][0] >= _HELD_SECONDS:
            self.flush()

    def add_summary(self, summary: bytes | tf.compat.v1.Summary, step: int | None = None) -> None:
        """Add what a graph or a plugin has summarised."""
        self._write()
        self._writer.add_summary(summary, step)

    def flush(self) -> None:
        """Have all that was added in the file."""
        self._write()
        self._writer.flush()

    def _write(self) -> None:
        for wall_time, step, scalars in self._held:
            values = [tf.compat.v1.Summary.Value(tag=name, simple_value=value) for name, value in scalars.items()]
            summary = tf.compat.v1.Summary(value=values)
            self._writer.add_event(tf.compat.v1.Event(wall_time=wall_time, step=step, summary=summary))
        self._held = []
