"""The commands and the example of analysis/README.md work as they stand there."""

import re
import subprocess
import sys

import pytest

from tests.documents.commands import ROOT, run_commands

README = (ROOT / "analysis" / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def place(tmp_path, run_recorded):
    """A directory with two recorded runs."""

    def log(run):
        for step in (10, 20):
            run.log_scalar("validation/accuracy", step / 20, step)
        run.log_scalar("test/accuracy", 0.75, 20)

    for _ in range(2):
        run_recorded(tmp_path / "runs", body=log)
    return tmp_path


def test_the_commands_of_the_readme_work(place):
    run_commands("analysis/README.md", place)

    assert (place / "runs" / "picture.png").stat().st_size > 10_000


def test_the_example_of_the_readme_works(place):
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], cwd=place, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["8", "0.75", "0.75", "0.75"]


def test_the_readme_names_every_file():
    listed = set(re.findall(r"^\| `([\w.]+)`", README, re.MULTILINE))
    present = {path.name for path in (ROOT / "analysis").iterdir() if path.suffix in (".py", ".ipynb", ".mplstyle")}

    assert listed == present - {"__init__.py"}
