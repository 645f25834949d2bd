"""What a script says that runs outside of the environment of the project."""

import subprocess
import sys
from pathlib import Path

import pytest

from observers.system import environment
from observers.system.environment import exit_outside_environment

ROOT = Path(__file__).resolve().parents[3]
MISSING = ModuleNotFoundError("No module named 'sacred'", name="sacred")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project without an environment, in which a script runs."""
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "laboratory.py").touch()
    monkeypatch.setattr(environment, "_ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["experiments/parity.py", "with", "fast"])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def line_of(error):
    with pytest.raises(SystemExit) as end:
        exit_outside_environment(error)
    return end.value.code


def test_without_an_environment_it_says_how_to_create_one(project):
    assert line_of(MISSING) == (
        "parity: this Python 3.11 lacks sacred: create the environment with 'make run', and activate it with"
        " 'source .venv/bin/activate'"
    )


def test_an_environment_that_exists_is_to_be_activated_by_its_path_from_here(project, monkeypatch):
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "activate").touch()
    monkeypatch.chdir(project / "experiments")

    assert line_of(MISSING).endswith("sacred: activate the environment with 'source ../.venv/bin/activate'")


def test_a_project_that_is_not_installed_is_named_as_such(project):

    assert ": this Python 3.11 lacks the project: " in line_of(ModuleNotFoundError("", name="experiments"))


def test_the_environment_itself_is_to_be_updated(project, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(project / ".venv"))

    assert line_of(MISSING).endswith("lacks sacred: 'make run' updates the environment")


def test_an_environment_that_was_made_elsewhere_is_to_follow_the_project(project):
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "activate").touch()
    (project / ".venv" / "place").write_text("/home/ada/zahlwort\n")

    assert line_of(MISSING).endswith("lacks sacred: the project has moved: 'make run' lets .venv follow it")


def test_another_version_of_python_is_named_whatever_fails(project, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))

    assert line_of(TypeError("unsupported operand")).startswith("parity: this is Python 3.9, not 3.11: create")


def test_a_module_of_the_command_line_has_the_name_of_its_package(project, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/a/observers/__main__.py", "list"])

    assert line_of(MISSING).startswith("observers: ")


@pytest.mark.parametrize(
    ("module", "package"), [("psutil", "psutil"), ("bson", "pymongo"), ("pkg_resources", '"setuptools<80.9"')]
)
def test_observers_alone_name_the_package_that_is_to_be_installed(project, monkeypatch, module, package):
    (project / "experiments" / "laboratory.py").unlink()
    (project / "Makefile").touch()  # of somebody else
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))

    assert line_of(ModuleNotFoundError("", name=module)) == (
        f"observers: this Python lacks {module}: install it with '{sys.executable} -m pip install {package}'"
    )


def test_observers_alone_say_nothing_about_the_version(project, monkeypatch):
    (project / "experiments" / "laboratory.py").unlink()
    (project / "Makefile").touch()  # of somebody else
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))

    exit_outside_environment(TypeError("unsupported operand"))


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("no core.netwrok", name="core.netwrok"), SyntaxError("invalid syntax")], ids=str
)
def test_a_mistake_in_the_project_is_left_alone(project, error):
    exit_outside_environment(error)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("experiments/parity.py", "with", "fast"),
        ("experiments/number.py", "with", "fast"),
        ("experiments/sweep.py", "parity", "fast"),
        ("-m", "observers", "list"),
        ("-m", "analysis", "table"),
    ],
    ids=" ".join,
)
def test_outside_of_the_environment_a_command_ends_with_one_line(tmp_path, command):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "empty")], check=True)
    python = str(tmp_path / "empty" / "bin" / "python")
    done = subprocess.run([python, *command], cwd=ROOT, env={}, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert ".venv/bin/activate'" in line
