"""Executes the notebooks on runs that the test makes."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from sacred.observers import FileStorageObserver

from experiments import number, parity

ANALYSIS = Path(__file__).resolve().parent.parent.parent / "analysis"
NOTEBOOKS = sorted(ANALYSIS.glob("*.ipynb"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of both experiments: two sizes, two seeds, every head."""
    directory = tmp_path_factory.mktemp("runs")
    for experiment, heads in ((parity.experiment, ["softmax"]), (number.experiment, ["linear", "nac", "nalu"])):
        before = list(experiment.observers)
        experiment.observers[:] = [FileStorageObserver(directory)]
        for head in heads:
            for hidden in (4, 8):
                for seed in (1, 2):
                    update = {"head": head, "hidden": hidden, "seed": seed}
                    experiment.run(named_configs=["fast"], config_updates=update)
        experiment.observers[:] = before
    return directory


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_first_cell_to_its_last(path, runs, monkeypatch):
    monkeypatch.setenv("RUNS", str(runs))
    monkeypatch.setitem(os.environ, "PYDEVD_DISABLE_FILE_VALIDATION", "1")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ANALYSIS}}).execute()

    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 2
    assert outputs[-1].output_type == "stream"
    assert not [output for output in outputs if output.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_small_and_committed_with_its_pictures(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert len(notebook.cells) < 12
    assert path.stat().st_size < 300_000
    assert all(cell.execution_count for cell in code)
    assert sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs) >= 2


def test_there_is_a_notebook_for_each_question():
    assert [path.stem for path in NOTEBOOKS] == ["compare_number", "compare_parity"]
