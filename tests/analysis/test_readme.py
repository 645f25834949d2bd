"""The commands and the example of analysis/README.md work as they stand there."""

import re
import subprocess
import sys

import pytest

from tests.analysis.conftest import write_run
from tests.documents.commands import ROOT, run_commands

README = (ROOT / "analysis" / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def place(tmp_path):
    """A directory with two sizes of three seeds each, as the sweep that the README names makes them."""
    for number in range(6):
        metrics = {"validation/accuracy": {0: 0.5, 10: 0.75}, "test/accuracy": 0.75}
        config, info = (
            {"task": "parity", "hidden": 4 + 4 * (number // 3), "seed": number % 3},
            {"best_validation": 0.75},
        )
        write_run(tmp_path / "runs", number + 1, config, metrics, info)
    return tmp_path


@pytest.mark.slow
def test_the_commands_of_the_readme_work(place):
    run_commands("analysis/README.md", place)

    assert (place / "runs" / "picture.png").stat().st_size > 10_000
    assert (place / "runs" / "report.html").stat().st_size > 1_000_000


def test_the_example_of_the_readme_works(place):
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], cwd=place, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["8", "0.75", "0.75", "0.75"]


def test_the_readme_names_every_file():
    listed = set(re.findall(r"^\| `([\w.]+)` ", README, re.MULTILINE))
    present = {path.name for path in (ROOT / "analysis").iterdir() if path.suffix in (".py", ".ipynb", ".mplstyle")}

    assert listed == present - {"__init__.py"}
