"""Reads what TensorBoard would."""

from pathlib import Path

import tensorflow as tf


def summaries(directory):
    """What the one event file of a directory holds, by tag and step."""
    [path] = Path(directory).glob("events*")
    return {
        (value.tag, event.step): value
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    }


def points(directory):
    """The numbers in it, by tag and step."""
    return {place: value.simple_value for place, value in summaries(directory).items()}
