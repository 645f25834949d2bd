import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from observers.system.shell import typed_program, typed_script


@pytest.fixture
def python(monkeypatch):
    """Pretend that another Python runs the tests, in a directory that is not on the PATH."""

    def pretend(path):
        monkeypatch.setattr(sys, "executable", str(path))
        monkeypatch.setenv("PATH", os.defpath)

    return pretend


def test_a_program_on_the_path_is_typed_by_its_name(python, monkeypatch):
    python("/opt/python/bin/python")
    monkeypatch.setenv("PATH", "/usr/bin:/opt/python/bin")

    assert typed_program() == "python"
    assert typed_program("tensorboard") == "tensorboard"


def test_a_program_below_the_current_directory_is_typed_by_its_relative_path(python, tmp_path, monkeypatch):
    python(tmp_path / ".venv" / "bin" / "python")
    monkeypatch.chdir(tmp_path)

    assert typed_program("tensorboard") == ".venv/bin/tensorboard"


def test_a_program_elsewhere_is_typed_by_its_absolute_path(python, tmp_path, monkeypatch):
    python("/opt/my python/bin/python")
    monkeypatch.chdir(tmp_path)

    assert typed_program() == "'/opt/my python/bin/python'"


def test_a_program_in_the_current_directory_is_typed_with_a_dot(python, tmp_path, monkeypatch):
    python(tmp_path / "python")
    monkeypatch.chdir(tmp_path)

    assert typed_program() == "./python"


def test_a_typed_script_runs_in_a_shell(python, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(Path(shutil.which("echo") or "/bin/echo"))
    (tmp_path / "my scripts").mkdir()
    python(tmp_path / "bin" / "python")
    monkeypatch.chdir(tmp_path)
    command = typed_script(tmp_path / "my scripts" / "number.py")

    assert command == "bin/python 'my scripts/number.py'"
    assert subprocess.run(["sh", "-c", command], capture_output=True, text=True).stdout == "my scripts/number.py\n"
