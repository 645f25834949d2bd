"""What a person sees who opens TensorBoard on recorded runs."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.experiments.place import ROOT

NUMBER = ROOT / "experiments" / "number.py"
TRIAL = re.compile(r"run \d+, [0-9a-f]{8}")

pytestmark = pytest.mark.slow


@contextmanager
def tensorboard(runs: Path) -> Iterator[str]:
    """The address of a TensorBoard that shows a directory of runs, until the end of the block."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(runs), "--host", "127.0.0.1", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        lines: list[str] = []
        for line in process.stderr:
            lines.append(line)
            if address := re.search(r"http://\S+", line):
                yield address[0]
                return
        raise RuntimeError(f"TensorBoard did not start: {''.join(lines)}")
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def runs(own_runs) -> Path:
    """The directory of two runs of parity, and one of number."""
    assert own_runs.run("with", "fast", "seed=3", script=NUMBER).returncode == 0
    return own_runs.directory / "runs"


def await_runs(address: str, count: int) -> None:
    """Wait until TensorBoard, which answers before it has read any run, has read the events of `count`."""
    deadline = time.monotonic() + 120
    while True:
        with urllib.request.urlopen(f"{address}data/plugin/scalars/tags") as answer:
            read = json.load(answer)
        if sum("training/steps_per_second" in tags for tags in read.values()) == count:
            return
        assert time.monotonic() < deadline, read
        time.sleep(0.2)


def test_tensorboard_shows_every_chart_at_its_start_and_a_row_of_hyper_parameters_for_each_run(browser_page, runs):
    page = browser_page.page
    page.set_viewport_size({"width": 1300, "height": 3000})  # cards outside of the view are empty
    with tensorboard(runs) as address:
        await_runs(address, 3)
        page.goto(address)
        page.wait_for_selector("card-view .tag[title='training/steps_per_second']")
        charts = page.locator("card-view .tag").evaluate_all("cards => cards.map(card => card.title)")
        page.wait_for_selector("scalar-card line-chart")

        page.goto(f"{address}#hparams")
        cells = page.locator("vaadin-grid-cell-content")
        cells.get_by_text(TRIAL).nth(2).wait_for()
        trials = [text.strip() for text in cells.all_inner_texts() if TRIAL.fullmatch(text.strip())]

    assert charts == [
        "measures/accuracy",
        "measures/exact",
        "measures/loss",
        "measures/mean_absolute_error",
        "measures/relative_error",
        "training/gradient_norm",
        "training/steps_per_second",
    ]
    assert [trial.partition(",")[0] for trial in trials] == ["run 1", "run 2", "run 3"]
    assert browser_page.errors == []
