"""The heads of the tasks: the layers between the states of the LSTM and the loss.

A head is one entry in HEADS, and its name is listed in `heads` of its task.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import tensorflow as tf

from core.network.architecture import Architecture
from core.network.heads import addends, arithmetic, units
from core.network.heads.dense import dense
from core.network.heads.objectives import CLASSES, DIGITS, VALUE, Objective
from core.network.heads.places import PLACES_OF_GROUP, places
from core.network.states.reading import Reading


@dataclass(frozen=True)
class Head:
    """What stands on the LSTM.

    Attributes:
        layer: (what the LSTM holds along the words, the architecture) -> outputs.
        objective: what the outputs mean, and what they learn from.
    """

    layer: Callable[[Reading, Architecture], tf.Tensor]
    objective: Objective


def _softmax(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return the logits of odd and even, W h + b of the last state: float32 [batch, classes]."""
    return dense(reading.last, "logits", 2)


def _linear(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return largest * (w h + b) of the last state: float32 [batch]."""
    return architecture.largest * dense(reading.last, "linear", 1)[:, 0]


def _nac(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return largest * NAC(h) of the last state: float32 [batch].

    The entries of h and of the weights are within (-1, 1): without the factor no sum of them comes near 999.
    """
    return architecture.largest * arithmetic.nac(reading.last, units=1)[:, 0]


def _nalu(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return largest * NALU(h) of the last state: float32 [batch]."""
    return architecture.largest * arithmetic.nalu(reading.last, units=1)[:, 0]


def _inalu(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return largest * iNALU(h) of the last state: float32 [batch]."""
    return architecture.largest * units.inalu(reading.last, units=1)[:, 0]


def _nau(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return largest * NAU(h) of the last state: float32 [batch]."""
    return architecture.largest * units.nau(reading.last, units=1)[:, 0]


def _nmu(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return largest * NMU(NAU(h)) of the last state, with two sums, as its authors stack them: float32 [batch]."""
    return architecture.largest * units.nmu(units.nau(reading.last, units=2), units=1)[:, 0]


def _codebook(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return the sum of fixed values along the word: float32 [batch]."""
    return addends.codebook(reading, architecture.limit)


def _product(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return the sum of products of learned values along the word: float32 [batch]."""
    return addends.product(reading)


def _digits(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return the log-probabilities of each digit from the last state: float32 [batch, places, 10], units first."""
    number_of_places = len(str(architecture.limit))
    logits = dense(reading.last, "digits", 10 * number_of_places)
    return tf.nn.log_softmax(tf.reshape(logits, [-1, number_of_places, 10]))


def _places(reading: Reading, architecture: Architecture) -> tf.Tensor:
    """Return the log-probabilities of the digits written along the word: float32 [batch, places, 10], units first."""
    return places(reading, groups=-(-len(str(architecture.limit)) // PLACES_OF_GROUP))


HEADS: Mapping[str, Head] = {
    "softmax": Head(_softmax, CLASSES),
    "linear": Head(_linear, VALUE),
    "nac": Head(_nac, VALUE),
    "nalu": Head(_nalu, VALUE),
    "inalu": Head(_inalu, VALUE),
    "nau": Head(_nau, VALUE),
    "nmu": Head(_nmu, VALUE),
    "codebook": Head(_codebook, VALUE),
    "product": Head(_product, VALUE),
    "digits": Head(_digits, DIGITS),
    "places": Head(_places, DIGITS),
}
