"""Runs in a real Jupyter kernel: the notebook, and the stop button."""

import time

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from tests.experiments.place import ROOT, Place, entry

pytestmark = pytest.mark.slow

NOTEBOOK = ROOT / "experiments" / "in_process.ipynb"
TRAIN = """
import sys
sys.path.insert(0, {root!r})
import tensorflow as tf
tf.constant(1) + 1
from experiments.parity import experiment
run = experiment.run(config_updates={config}, options={{"--file_storage": "runs"}})
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.delenv("MONGO_URL", raising=False)
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")


def test_the_notebook_runs_from_its_first_cell_to_its_last_and_shows_what_it_did(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    stored, again = (nbformat.read(NOTEBOOK, as_version=4) for _ in range(2))
    NotebookClient(again, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()

    for before, after in zip(stored.cells, again.cells, strict=True):
        if before.cell_type == "code":
            assert before.execution_count == after.execution_count
            assert printed(before) == printed(after).replace(f"recorded in {tmp_path}/", "recorded in ../")
    assert [entry(run)["status"] for run in Place(tmp_path).runs()] == ["COMPLETED"] * 3


def printed(cell):
    """Join what a cell prints, and its value."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain") for output in cell.outputs]
    return "".join(texts)


@pytest.fixture
def kernel(tmp_path):
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def execute(client, code):
    """Send a cell; an error in it does not cancel the next one, which the kernel otherwise does for a moment."""
    return client.execute(code, stop_on_error=False)


def reply_to(client, message):
    """Wait for the end of a cell; return its status, and the name of its error."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        reply = client.get_shell_msg(timeout=120)
        if reply["parent_header"].get("msg_id") == message:
            return reply["content"]["status"], reply["content"].get("ename")
    pytest.fail("no reply")


def test_the_stop_button_saves_the_state_and_the_kernel_goes_on_from_there(kernel, tmp_path):
    manager, client = kernel
    place = Place(tmp_path)
    message = execute(client, TRAIN.format(root=str(ROOT), config={"max_steps": 10**6, "patience": 10**6, "seed": 5}))
    place.await_steps(1)
    for _ in range(3):
        manager.interrupt_kernel()
    assert reply_to(client, message) == ("error", "KeyboardInterrupt")
    assert entry(place.runs()[0])["status"] == "INTERRUPTED"
    assert list(place.runs()[0].glob("model/last/state-*.json"))

    message = execute(client, TRAIN.format(root=str(ROOT), config={"resume": 1}))
    while not (tmp_path / "runs" / "2" / "metrics.jsonl").exists():
        time.sleep(0.05)
    manager.interrupt_kernel()
    assert reply_to(client, message) == ("error", "KeyboardInterrupt")
    assert reply_to(client, execute(client, "assert experiment.current_run.status == 'INTERRUPTED'")) == ("ok", None)
    assert place.read("runs/2/info.json")["parent"]["directory"] == "runs/1"
