"""The command export: writes the SavedModel of a run again."""

import os
from pathlib import Path

from sacred import Experiment
from sacred.run import Run

from experiments.commands.network import load_network
from experiments.commands.trained_run import find_trained_run
from experiments.pipeline.errors import UserError
from observers.errors import not_writable


def add_export(experiment: Experiment) -> None:
    """Give an experiment the command export."""

    @experiment.command(unobserved=True)
    def export(_run: Run, task: str, run: str | int | None = None) -> None:
        """Write the SavedModel of a run again: export with run=<id>.

        run=best is the completed run with the best validation, run=latest the last run.
        """
        trained_run = find_trained_run(_run, run, task)
        _check_writable(trained_run.export_dir)
        network = load_network(trained_run)

        from core.serving.export import export as write_saved_model

        write_saved_model(network, trained_run.export_dir)
        print(f"exported to {trained_run.export_dir}")


def _check_writable(directory: Path) -> None:
    """Check that a directory can be replaced: TensorFlow would take seconds to say so."""
    existing = next(path for path in directory.absolute().parents if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"{directory} cannot be written: {not_writable(existing)}")
