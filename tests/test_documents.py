"""Runs the commands of the README as they stand there, and the example of CONTRIBUTING."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SET_UP = ("make ", "source ")


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if not line.startswith(SET_UP)]


@pytest.mark.slow
def test_the_commands_of_the_readme_do_what_they_say(tmp_path):
    """In their order, in a directory of their own that looks like the project's."""
    for name in ("experiments", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "MONGO_URL"},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    for command in commands():
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert done.stdout, command

    runs = [path for path in (tmp_path / "runs").iterdir() if path.name.isdigit()]
    assert len(runs) == 11
    assert len([path for path in (tmp_path / "runs" / "nac").iterdir() if path.name.isdigit()]) == 6
    assert len([path for path in (tmp_path / "runs" / "seeds").iterdir() if path.name.isdigit()]) == 10
    assert (tmp_path / "runs" / "seeds" / "parity_seeds.png").stat().st_size > 10_000


def test_the_readme_has_a_line_for_every_file():
    listed = set(re.findall(r"^(\w+/\w+\.(?:py|sh))", README, re.MULTILINE))
    packages = ("core", "experiments", "observers", "analysis")
    present = {f"{name}/{path.name}" for name in packages for path in (ROOT / name).glob("*.[ps][yh]")}

    assert listed == {path for path in present if not path.endswith("__init__.py")}


def test_the_pictures_and_files_of_the_readme_exist():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_the_task_of_contributing_works(tmp_path):
    """Its code at the end of a copy of core/tasks.py, with the tests that run for every task and its own."""
    blocks = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)
    [task] = [block for block in blocks if "_BY_THREE = " in block]
    [test] = [block for block in blocks if "test_multiples" in block]
    copy = tmp_path / "core"
    shutil.copytree(ROOT / "core", copy, ignore=shutil.ignore_patterns("__pycache__"))
    source = (copy / "tasks.py").read_text(encoding="utf-8")
    (copy / "tasks.py").write_text(f"from dataclasses import replace\n{source}\n{task}", encoding="utf-8")
    tests = (ROOT / "tests" / "core" / "test_tasks.py").read_text(encoding="utf-8")
    (tmp_path / "test_tasks.py").write_text(f"{tests}\n{test}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_tasks.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout
    assert (
        "by_three"
        in subprocess.run(
            [sys.executable, "-c", "from core.tasks import TASKS; print(*TASKS)"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        ).stdout
    )
