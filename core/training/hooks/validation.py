"""Validates a network in the session that trains it."""

from collections.abc import Callable, Mapping

import tensorflow as tf

from core.network.graph_collections import get_tensors
from core.training.hooks.measures import LogScalar, log_evaluation
from core.training.tensorboard import EventWriter

_MODES = tf.estimator.ModeKeys
_SPLIT = "validation"


class Validation:
    """A second network in the graph of a training, on the same variables, that evaluates one split.

    It needs no session of its own and copies no weights. TensorBoard shows its measures as `eval_validation`.
    """

    def __init__(
        self, estimator: tf.estimator.Estimator, input_fn: Callable[[], tf.data.Dataset], log_scalar: LogScalar
    ) -> None:
        """Evaluate with the model_fn of an Estimator.

        Args:
            estimator: the one that trains.
            input_fn: one pass over the split, in a known number of batches.
            log_scalar: takes the measures, as `validation/...`.
        """
        self._estimator = estimator
        self._input_fn = input_fn
        self._log_scalar = log_scalar
        self._events = EventWriter(estimator.eval_dir(_SPLIT))
        self._count = 0

    def build(self) -> None:
        """Add the network to the graph of the training.

        Raises:
            ValueError: if it has variables that training does not have.
        """
        known, weights = tf.compat.v1.local_variables(), tf.compat.v1.global_variables()
        dataset = self._input_fn()
        self._batches = dataset.cardinality()
        iterator = tf.compat.v1.data.make_initializable_iterator(dataset.repeat())
        features, labels = iterator.get_next()
        with tf.compat.v1.variable_scope(tf.compat.v1.get_variable_scope(), reuse=tf.compat.v1.AUTO_REUSE):
            spec = self._estimator.model_fn(
                features=features, labels=labels, mode=_MODES.EVAL, config=self._estimator.config
            )
        self._measures = get_tensors(_MODES.EVAL)
        self._add_batch = [update for _, update in spec.eval_metric_ops.values()]
        if len(tf.compat.v1.global_variables()) > len(weights):
            raise ValueError("the network of an evaluation has weights that training does not have")
        sums = tf.compat.v1.local_variables()[len(known) :]
        self._start_input, self._reset_sums = iterator.initializer, tf.compat.v1.variables_initializer(sums)

    def start(self, session: tf.compat.v1.Session) -> None:
        """Open the input.

        Raises:
            ValueError: if its number of batches is not known.
        """
        self._count, _ = session.run([self._batches, self._start_input])
        if self._count < 1:
            raise ValueError("the input of a validation must have a known number of batches")

    def run(self, session: tf.compat.v1.Session, step: int) -> Mapping[str, float]:
        """Evaluate the split once, log its measures and return them by name."""
        session.run(self._reset_sums)
        for _ in range(self._count):  # one pass; restarting the input would cost more than most passes
            session.run(self._add_batch)
        measures = {name: value.item() for name, value in session.run(self._measures).items()}
        log_evaluation(self._log_scalar, self._events, _SPLIT, measures, step)
        return measures
