"""What the LSTM holds along the words of a batch."""

from typing import NamedTuple

import tensorflow as tf


class Reading(NamedTuple):
    """The states of the LSTM after every character that it has read.

    A state that several words share is one node.

    Attributes:
        nodes: the states, float32 [nodes, hidden].
        paths: the node after each character of each word, in the order of reading, int32 [batch, time].
        lengths: of the words, int32 [batch].
        last: the state after the last character that is read of each word, float32 [batch, hidden].
    """

    nodes: tf.Tensor
    paths: tf.Tensor
    lengths: tf.Tensor
    last: tf.Tensor

    @property
    def inside(self) -> tf.Tensor:
        """1 within a word and 0 after its end, float32 [batch, time]."""
        return tf.sequence_mask(self.lengths, tf.shape(self.paths)[1], tf.float32)

    def along_words(self, values: tf.Tensor) -> tf.Tensor:
        """Gather values of nodes, [nodes, ...], along each word: [batch, time, ...]."""
        return tf.gather(values, self.paths)


def join(readings: list[Reading]) -> Reading:
    """Join the readings of the parts of a batch."""
    if len(readings) == 1:
        return readings[0]
    sizes = [tf.shape(reading.nodes)[0] for reading in readings]
    starts = tf.cumsum(tf.stack(sizes), exclusive=True)
    return Reading(
        nodes=tf.concat([reading.nodes for reading in readings], axis=0),
        paths=tf.concat([reading.paths + starts[part] for part, reading in enumerate(readings)], axis=0),
        lengths=tf.concat([reading.lengths for reading in readings], axis=0),
        last=tf.concat([reading.last for reading in readings], axis=0),
    )
