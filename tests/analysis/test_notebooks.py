"""The notebooks are executed with runs that the test makes."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from sacred.observers import FileStorageObserver

from core.network.tasks import TASKS
from experiments import number, parity

ANALYSIS = Path(__file__).resolve().parent.parent.parent / "analysis"
NOTEBOOKS = sorted(ANALYSIS.glob("*.ipynb"))


PARTS = ("paper", "words", "million", "six_digits", "billion", "english_paper", "english_words", "forwards")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of each head with two seeds, by notebook; parity has two sizes; each part of the study is the same."""
    directory = tmp_path_factory.mktemp("runs")
    updates = {"hidden": 4, "seed": 1, "max_steps": 20, "extrapolation_max": 1999, "extrapolation_size": 10}
    for experiment in (parity.experiment, number.experiment):
        before = list(experiment.observers)
        experiment.observers[:] = [FileStorageObserver(directory / experiment.path)]
        for head in TASKS[experiment.path].heads:
            experiment.run(named_configs=["fast"], config_updates={"head": head, **updates})
        experiment.observers[:] = before
    for run in list(directory.glob("*/[0-9]*")):
        config = json.loads((run / "config.json").read_text())
        others = ((4, 2), (8, 1), (8, 2)) if config["task"] == "parity" else ((4, 2),)
        for place, (hidden, seed) in enumerate(others, start=1):
            copy = shutil.copytree(run, run.with_name(f"{run.name}0{place}"))
            (copy / "config.json").write_text(json.dumps({**config, "hidden": hidden, "seed": seed}))
    (directory / "study").mkdir()
    for part in PARTS:
        (directory / "study" / part).symlink_to(directory / "number")
    return {"compare_parity": directory / "parity", "compare_number": directory / "study"}


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_its_first_cell_to_its_last(path, runs, monkeypatch):
    monkeypatch.setenv("RUNS", str(runs[path.stem]))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ANALYSIS}}).execute()

    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert outputs[-1].output_type == "stream"
    assert not [output for output in outputs if output.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_small_and_committed_with_its_pictures(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert len(notebook.cells) < 12
    assert path.stat().st_size < 300_000
    assert all(cell.execution_count for cell in code)
    assert any("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_without_its_runs_says_which_command_makes_them(path, tmp_path, monkeypatch):
    monkeypatch.setenv("RUNS", str(tmp_path / "nowhere"))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ANALYSIS}})

    with pytest.raises(CellExecutionError, match=r"this makes it(?: in an hour)?: (?:python|sh) experiments/"):
        client.execute()


def test_there_is_a_notebook_for_each_question():
    assert [path.stem for path in NOTEBOOKS] == ["compare_number", "compare_parity"]
