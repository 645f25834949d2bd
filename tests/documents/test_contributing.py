"""The task in CONTRIBUTING works as it stands there."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.documents.commands import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture
def copy(tmp_path):
    """A copy of the project and of the tests of tasks, with the blocks of CONTRIBUTING pasted at their ends."""
    blocks = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)
    [task] = [block for block in blocks if "_BY_THREE = " in block]
    [test] = [block for block in blocks if "test_multiples" in block]
    for package in ("core", "experiments", "observers"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "core" / "network" / "tasks.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{task}")
    tests = (ROOT / "tests" / "core" / "network" / "test_tasks.py").read_text(encoding="utf-8")
    (tmp_path / "test_tasks.py").write_text(f"{tests}\n\n{test}", encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_the_task_of_contributing_passes_its_tests(copy):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_tasks.py"]
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=300)

    assert done.returncode == 0, done.stdout
    listed = [sys.executable, "-c", "from core.network.tasks import TASKS; print(*TASKS)"]
    assert "by_three" in subprocess.run(listed, cwd=copy, env=environment, capture_output=True, text=True).stdout


@pytest.mark.slow
def test_the_task_of_contributing_trains_with_the_command_there(copy):
    [command] = re.findall(r"`python experiments/(parity.py with task=\w+)` trains on it", CONTRIBUTING)
    script, *arguments = command.split()
    done = subprocess.run(
        [sys.executable, str(copy / "experiments" / script), *arguments, "fast"],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("by_three, for example ")


def test_the_model_function_test_of_contributing_is_one_of_the_tests():
    tests = (ROOT / "tests" / "core" / "training" / "test_model_fn.py").read_text(encoding="utf-8")
    [shown] = [block for block in re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL) if "MODES.EVAL" in block]
    for line in shown.splitlines():
        assert line in tests
