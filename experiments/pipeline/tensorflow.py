"""Imports TensorFlow without the noise that it makes, and only when a command needs it."""

import importlib
import os
import sys

TRAINING = "experiments.pipeline.training"
"""The module whose import imports TensorFlow and every module that a training needs."""


def import_tensorflow() -> None:
    """Import TensorFlow; it reports errors only, unless the environment asks for more."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    importlib.import_module("tensorflow").get_logger().setLevel("ERROR")


def import_training() -> None:
    """Import TensorFlow and every module that a training needs."""
    import_tensorflow()
    importlib.import_module(TRAINING)


def tensorflow_build() -> str | None:
    """Return the commit and the compiler of TensorFlow; None if it is not imported."""
    module = sys.modules.get("tensorflow")
    return f"{module.version.GIT_VERSION}, compiler {module.version.COMPILER_VERSION}" if module else None
