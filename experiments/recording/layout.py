"""Where a training puts its files in the directory of its run, beside the files of the observer."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The root directory of the project."""

RUNS = "runs"
"""The directory of the runs, unless -F names another."""

MODEL = "model"
"""The checkpoints, the alphabet and TensorBoard's event files."""

EXPORT = Path("export") / "1"
"""Below MODEL: the SavedModel, in a version directory as TensorFlow Serving wants it."""

PICTURES = "explain"
"""One picture for each word that was explained."""

MISTAKES = "mistakes"
"""One picture for each set of numbers whose mistakes were shown."""
