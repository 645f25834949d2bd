"""A script runs the packages beside it, in an environment into which another tree of the project is installed."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.experiments.place import ROOT, entry
from tests.experiments.recording.conftest import git

pytestmark = pytest.mark.slow

PACKAGES = ("core", "experiments", "observers", "analysis")


@pytest.fixture
def tree(tmp_path):
    """A copy of the project with one commit, in which every run prints a mark."""
    tree = tmp_path / "tree"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(tree, "init", "--quiet")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message", "First")
    summary = tree / "experiments" / "cli" / "summary.py"
    summary.write_text(summary.read_text().replace("; seed {seed}", "; mark {seed}"))
    return tree


def sources_of(run):
    return {name: (run.parent / kept).read_bytes() for name, kept in entry(run)["experiment"]["sources"]}


def test_a_run_is_made_of_the_sources_beside_its_script_and_records_them(tree, place):
    done = place.run("with", "fast", "max_steps=2", script=tree / "experiments" / "parity.py", cold=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert "; mark " in done.stdout
    [run] = place.runs()
    assert sources_of(run) == {name: (tree / name).read_bytes() for name in sources_of(run)}
    assert "experiments/cli/summary.py" in sources_of(run)
    [repository] = entry(run)["experiment"]["repositories"]
    assert repository["commit"] == git(tree, "rev-parse", "HEAD").strip()
    assert repository["dirty"]
    assert "+" in (run / "git.diff").read_text()


def test_the_runs_of_a_sweep_are_made_of_the_sources_beside_it_wherever_it_starts(tree, place):
    """The server that runs are forked from is a Python of its own, which could import from the working directory."""
    for name in PACKAGES:
        (place.directory / name).mkdir()
        (place.directory / name / "__init__.py").write_text("raise ImportError('of the working directory')\n")
    done = place.run("parity", "fast", "max_steps=2", "seed=1", script=tree / "experiments" / "sweep.py", cold=True)

    assert (done.returncode, done.stderr) == (0, "")
    [run] = place.runs()
    assert "; mark " in (run / "cout.txt").read_text()


@pytest.mark.parametrize("package", ["observers", "analysis"])
def test_the_commands_of_a_package_are_those_of_the_tree_in_which_they_start(tree, package):
    (tree / package / "__main__.py").write_text("print(__file__)\n")
    done = subprocess.run([sys.executable, "-m", package], cwd=tree, env={}, capture_output=True, text=True)

    assert done.stdout.strip() == str(tree / package / "__main__.py")


@pytest.mark.parametrize("notebook", ["compare_parity", "compare_number"])
def test_a_notebook_imports_the_packages_beside_it(tree, notebook):
    cells = json.loads((tree / "analysis" / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    source = "".join(next(cell for cell in cells if cell["cell_type"] == "code")["source"])
    head = source[: source.index("from analysis.")] + "\nimport analysis; print(analysis.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", head], cwd=tree / "analysis", capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == str(tree / "analysis" / "__init__.py")
