"""The import of TensorFlow makes no noise and no search; what a run switches is restored."""

import gc
import logging
import os
import subprocess
import sys

import pytest
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.framework import config

from experiments.pipeline.tensorflow import restored_tensorflow, tensorflow_build, tensorflow_threads

COUNT = """
import gc
from experiments.pipeline.tensorflow import import_training
{before}
searches = []
gc.callbacks.append(lambda phase, info: searches.append(info["generation"]))
import_training()
print(len(searches), gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "printed"),
    [("", ["0", "True", "True"]), ("gc.disable()", ["0", "False", "False"])],
    ids=["as usual", "collected by the caller"],
)
def test_the_import_searches_for_no_garbage_and_leaves_the_collector_as_it_was(before, printed):
    code = COUNT.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == printed


def test_the_build_of_tensorflow_has_its_commit_and_its_compiler():
    assert "compiler" in (tensorflow_build() or "")


@pytest.mark.parametrize("seed", [None, 7])
def test_determinism_seeds_the_log_level_and_the_environment_are_restored(monkeypatch, seed):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    logger = logging.getLogger("tensorflow")
    config.disable_op_determinism()
    tf.random.set_seed(seed)
    monkeypatch.setattr(context.context(), "_seed", seed)  # restored after the test
    level = logger.level
    with restored_tensorflow():
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        logger.setLevel("DEBUG")
        tf.random.set_seed(1)
        tf.config.experimental.enable_op_determinism()

    assert "TF_CPP_MIN_LOG_LEVEL" not in os.environ
    assert logger.level == level
    assert not config.is_op_determinism_enabled()
    assert context.global_seed() == seed


def test_determinism_that_was_on_before_stays_on():
    tf.config.experimental.enable_op_determinism()
    try:
        with restored_tensorflow():
            pass
        assert config.is_op_determinism_enabled()
    finally:
        config.disable_op_determinism()


def test_the_tests_compute_in_one_thread():
    assert tensorflow_threads() == 1


def test_what_the_import_has_frozen_is_collected_again_after_a_run():
    gc.unfreeze()
    with restored_tensorflow():
        gc.freeze()

    assert gc.get_freeze_count() == 0
