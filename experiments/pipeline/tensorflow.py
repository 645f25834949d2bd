"""Imports TensorFlow without the noise that it makes, and only when a command needs it; restores its switches."""

import gc
import importlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TRAINING = "experiments.pipeline.training"
"""The module whose import imports TensorFlow and every module that a training needs."""

_LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"


def import_tensorflow() -> None:
    """Import TensorFlow; it reports errors only, unless the environment asks for more."""
    os.environ.setdefault(_LOG_LEVEL, "3")
    with _without_garbage_collection():
        tensorflow = importlib.import_module("tensorflow")
        tensorflow.estimator.Estimator  # noqa: B018 - TensorFlow imports it at its first use
    tensorflow.get_logger().setLevel("ERROR")


def import_training() -> None:
    """Import TensorFlow and every module that a training needs, and let each operation compute in one thread."""
    with _without_garbage_collection():
        import_tensorflow()
        training = importlib.import_module(TRAINING)
    training.use_one_thread()


def tensorflow_build() -> str | None:
    """Return the commit and the compiler of TensorFlow; None if it is not imported."""
    module = sys.modules.get("tensorflow")
    return f"{module.version.GIT_VERSION}, compiler {module.version.COMPILER_VERSION}" if module else None


def tensorflow_threads() -> int | None:
    """Return how many threads compute one operation; None if TensorFlow is not imported.

    A run takes one, unless the process has computed with others before.
    """
    module = sys.modules.get("tensorflow")
    if module is None:
        return None
    return module.config.threading.get_intra_op_parallelism_threads() or len(os.sched_getaffinity(0))


@contextmanager
def restored_tensorflow() -> Iterator[None]:
    """Restore at the end of the block what a run switches: determinism, global seed, log level, what is collected."""
    variable, level = os.environ.get(_LOG_LEVEL), logging.getLogger("tensorflow").level
    before = _read_switches() if "tensorflow" in sys.modules else (False, None, None)
    has_frozen = gc.get_freeze_count() > 0
    try:
        yield
    finally:
        if not has_frozen:
            gc.unfreeze()
        logging.getLogger("tensorflow").setLevel(level)
        if variable is None:
            os.environ.pop(_LOG_LEVEL, None)
        if hasattr(sys.modules.get("tensorflow"), "config"):  # imported as a whole
            _restore_switches(*before)


def _read_switches() -> tuple[bool, int | None, int | None]:
    """Return whether operations are deterministic, and the seeds of eager execution and of the default graph."""
    config, context, graph = _internals()
    return config.is_op_determinism_enabled(), context.global_seed(), graph.seed


def _restore_switches(is_deterministic: bool, seed: int | None, graph_seed: int | None) -> None:
    config, context, graph = _internals()
    if not is_deterministic:
        config.disable_op_determinism()
    if context.global_seed() != seed:
        context.set_global_seed(seed)
    graph.seed = graph_seed


def _internals() -> tuple[Any, Any, Any]:
    """Return modules that can read and undo what TensorFlow's public interface can only do, and the default graph."""
    config, context, ops = (
        importlib.import_module(f"tensorflow.python.{name}")
        for name in ("framework.config", "eager.context", "framework.ops")
    )
    return config, context, ops.get_default_graph()


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Stop the search for garbage for the time of an import: it takes a fifth of the time, and finds nothing.

    No search looks at what the import has made either, until `restored_tensorflow` ends: all of it stays.
    """
    if not gc.isenabled() or "tensorflow" in sys.modules:
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
