"""Directories of runs for the tests of commands."""

import json
from pathlib import Path

from experiments.commands.trained_run import TrainedRun

CONFIG = {
    "task": "number",
    "head": "nalu",
    "hidden": 4,
    "embedding": 2,
    "min_number": 0,
    "max_number": 99,
    "language": "de",
}


def write_run(
    runs: Path,
    run_id: str,
    *,
    status: str = "COMPLETED",
    result: object = 1.5,
    validation: object = 1.5,
    **config: object,
) -> Path:
    """Write the files of a run with a checkpoint, which cannot be restored."""
    run = runs / run_id
    (run / "model").mkdir(parents=True)
    (run / "model" / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-1"\n', encoding="utf-8")
    (run / "model" / "model.ckpt-1.index").write_bytes(bytes.fromhex("57fb808b247547db"))
    (run / "model" / "model.ckpt-1.data-00000-of-00001").write_bytes(b"weights")
    (run / "model" / "alphabet.txt").write_text("aefl", encoding="utf-8")
    contents = {
        "run": {"status": status, "result": result, "uuid": f"uuid-{run_id}"},
        "config": {**CONFIG, **config},
        "info": {"best_validation": validation},
    }
    for name, content in contents.items():
        (run / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return run


def make_trained_run(directory: Path, **config: object) -> TrainedRun:
    """Make a trained run without files."""
    return TrainedRun(directory, {**CONFIG, **config}, "uuid", "COMPLETED")
