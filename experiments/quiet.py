"""Imports TensorFlow without the noise it makes."""

import importlib
import os


def import_tensorflow() -> None:
    """Import TensorFlow and what of core stands on it; only errors are heard, unless the environment asks for more."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tensorflow = importlib.import_module("tensorflow")
    tensorflow.get_logger().setLevel("ERROR")
    for name in ("estimator", "arithmetic", "hparams", "export"):  # and what they import
        importlib.import_module(f"core.{name}")
