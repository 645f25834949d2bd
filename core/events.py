"""Writes the event files that TensorBoard shows."""

from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf


def open_events(directory: str | Path) -> tf.compat.v1.summary.FileWriter:
    """Open the one event file of this process in a directory.

    Two writers that are begun within a second would have one file, and one would overwrite the other.
    """
    with tf.Graph().as_default():  # a writer stores the graph that it is made in
        return tf.compat.v1.summary.FileWriterCache.get(str(directory))


def write_scalars(events: tf.compat.v1.summary.FileWriter, scalars: Mapping[str, float], step: int) -> None:
    """Write values by name, as points of a step."""
    values = [tf.compat.v1.Summary.Value(tag=name, simple_value=value) for name, value in scalars.items()]
    events.add_summary(tf.compat.v1.Summary(value=values), step)
