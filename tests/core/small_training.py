"""A training that is small enough for a test."""

from dataclasses import replace

import numpy as np
import tensorflow as tf

from core.data.alphabet import make_alphabet
from core.data.characters import Encoder
from core.data.numerals import number_word
from core.data.split_plan import SplitPlan
from core.data.splits import draw_splits
from core.network.architecture import Architecture
from core.network.tasks import TASKS
from core.serving.trained_network import TrainedNetwork
from core.training.estimator import make_estimator, train
from core.training.examples import Examples
from core.training.hooks.loop import Callbacks
from core.training.model_fn import make_model_fn
from core.training.plan import TrainingPlan

PARITY = TASKS["parity"]
SPLITS = SplitPlan(
    language="de",
    min_number=0,
    max_number=99,
    data_size=100,
    validation_fraction=0.2,
    test_fraction=0.2,
    cover_parts=False,
    extrapolation_max=None,
    extrapolation_size=1,
)
ALPHABET = make_alphabet(number_word(number) for number in range(100))
ENCODER = Encoder(ALPHABET, "forwards")
EXAMPLES = Examples(draw_splits(SPLITS, seed=3), ENCODER, PARITY)
ARCHITECTURE = Architecture(
    task=PARITY, head="softmax", alphabet_size=ALPHABET.size, embedding=8, hidden=16, memory=None, largest=99, limit=99
)
PLAN = TrainingPlan(
    batch_size=16,
    learning_rate=0.01,
    warmup=0,
    schedule="linear",
    weight_decay=0.1,
    log_loss=False,
    penalty=0.0,
    penalty_start=0,
    curriculum=0,
    max_steps=150,
    evaluate_every=10,
    log_every=5,
    patience=1000,
    seed=3,
)


def ignore(*arguments):
    """Stand in for a callback."""


def train_small(model_dir, *, after_step=ignore, logged=None, **changes):
    """Train on numbers below 100, or resume in model_dir; return the Estimator, what it logged and its last step."""
    plan = replace(PLAN, **changes)
    estimator = make_estimator(model_fn=make_model_fn(ARCHITECTURE, plan), model_dir=model_dir, seed=plan.seed)
    logged = [] if logged is None else logged
    callbacks = Callbacks(
        log_scalar=lambda *point: logged.append(point), on_start=ignore, on_validation=ignore, after_step=after_step
    )
    result = train(estimator, examples=EXAMPLES, plan=plan, callbacks=callbacks)
    return estimator, logged, result.last_step


def trained_network(estimator, encoder=ENCODER):
    """An Estimator as what is asked."""
    return TrainedNetwork(estimator, encoder, "de")


def hardly_trained(model_dir, head, encoder=ENCODER, memory=None):
    """Make a network of the task number whose checkpoint has hardly trained weights."""
    architecture = Architecture(
        TASKS["number"], head, ALPHABET.size, embedding=4, hidden=6, memory=memory, largest=99, limit=99
    )
    estimator = make_estimator(model_fn=make_model_fn(architecture, PLAN), model_dir=model_dir, seed=1)

    def input_fn():
        features = {"characters": [[2, 3]], "lengths": [2]}
        return tf.data.Dataset.from_tensors((features, {"number": np.array([11])}))

    save = tf.estimator.CheckpointSaverHook(str(model_dir), save_steps=1)
    estimator.train(input_fn, hooks=[save], steps=1)
    return trained_network(estimator, encoder)
