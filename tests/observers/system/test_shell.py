import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from observers.system.shell import typed_path, typed_program, typed_script, typed_storage, typed_text


@pytest.fixture
def python(monkeypatch):
    """Pretend that another Python runs the tests, in a directory that is not on the PATH."""

    def pretend(path):
        monkeypatch.setattr(sys, "executable", str(path))
        monkeypatch.setenv("PATH", os.defpath)

    return pretend


def test_a_program_is_typed_by_its_name_if_the_path_leads_to_it(python, tmp_path, monkeypatch):
    ours, others = tmp_path / "ours", tmp_path / "others"
    for directory in (ours, others):
        directory.mkdir()
    for program in (ours / "python", ours / "tensorboard", others / "python"):
        program.symlink_to(sys.executable)
    python(ours / "python")
    monkeypatch.chdir("/")
    monkeypatch.setenv("PATH", f"{ours}/:{others}")
    assert [typed_program(), typed_program("tensorboard")] == ["python", "tensorboard"]

    monkeypatch.setenv("PATH", f"{others}:{ours}")
    assert [typed_program(), typed_program("tensorboard")] == [str(ours / "python").lstrip("/"), "tensorboard"]


def test_python_is_typed_as_python3_where_there_is_no_python(python, tmp_path, monkeypatch):
    (tmp_path / "python3").symlink_to(sys.executable)
    python(tmp_path / "python3")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert typed_script("example.py") == "python3 example.py"


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


def test_a_program_in_a_directory_with_an_equals_sign_is_no_assignment(python, tmp_path, monkeypatch):
    (tmp_path / "a=b").mkdir()
    (tmp_path / "a=b" / "python").symlink_to(Path(shutil.which("echo") or "/bin/echo"))
    python(tmp_path / "a=b" / "python")
    monkeypatch.chdir(tmp_path)

    assert subprocess.run(["sh", "-c", f"{typed_program()} x"], capture_output=True, text=True).stdout == "x\n"


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("runs", "runs"),
        ("runs/lr=0.01", "runs/lr=0.01"),
        ("lr=0.01/1", "./lr=0.01/1"),
        ("-runs", "./-runs"),
        ("~/a", "'./~/a'"),
        ("/a b/ü", "'/a b/ü'"),
        ("a\tb!", "\"$(printf 'a\\011b\\041')\""),
        ("a\n", "\"$(printf 'a\\012/')\""),
    ],
)
def test_a_path_is_typed_so_that_no_program_takes_it_for_something_else(path, command):
    assert typed_path(path) == command


ODD = 'it\'s -$HOME `id` "ü" a=1~b\\n\t*!\u00a0\u00ad%d\n\udcfc'


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("text", [ODD, f"-{ODD}", "".join(map(chr, range(1, 256))), "runs"])
def test_a_typed_text_reaches_the_program_as_it_is(shell, text):
    done = subprocess.run([shell, "-c", f"printf %s {typed_text(text + '.')}"], capture_output=True)

    assert os.fsdecode(done.stdout) == text + "."


def test_the_directory_of_runs_is_typed_unless_it_is_the_default():
    assert typed_storage("runs") == ""
    assert typed_storage(Path("lr=1")) == " -F ./lr=1"
