"""Untracked sources are those of the project, never of an environment."""

import os
import sys
import types

import pytest

from experiments.recording.repository.git_directory import scratch_repository
from experiments.recording.repository.untracked import untracked_sources
from tests.experiments.recording.conftest import repository_of


def untracked(root, tracked=()):
    repository = repository_of(root)
    with scratch_repository(repository) as scratch:
        return untracked_sources(scratch, repository.top, root, tracked)


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_sources_at_the_root_and_in_the_packages_are_found_and_others_are_not(project):
    for name in ("new.py", "Makefile", "core/a.py", "core/data/b.py", "analysis/c.py"):
        touch(project / name)
    for name in ("run.sh", "large.bin", "core/ignored.py", "core/notes.txt", "notes/d.py", "tests/e.py"):
        touch(project / name)

    assert untracked(project, {"old.py"}) == ["Makefile", "analysis/c.py", "core/a.py", "core/data/b.py", "new.py"]


@pytest.mark.parametrize(
    "name",
    [
        "venv/lib/python3.11/site-packages/a.py",
        "env/a.py",
        "node_modules/a.py",
        ".tox/a.py",
        "core/site-packages/a.py",
        "core/env/a.py",
        "core/.tox/a.py",
        "core/__pycache__/a.py",
    ],
)
def test_an_environment_has_no_sources_of_the_project_even_if_they_are_imported(project, monkeypatch, name):
    path = touch(project / name)
    if "env" in path.parts:
        touch(path.parent / "pyvenv.cfg")
    imported = types.ModuleType("imported")
    imported.__file__ = str(path)
    monkeypatch.setitem(sys.modules, "imported", imported)

    assert untracked(project, {"old.py"}) == []


def test_what_is_imported_is_found_wherever_it_is_and_although_git_ignores_it(project, monkeypatch):
    for place, name in enumerate(("helpers/a.py", "ignored.py", "tests/b.py")):
        module = types.ModuleType(f"imported{place}")
        module.__file__ = str(touch(project / name))
        monkeypatch.setitem(sys.modules, f"imported{place}", module)

    assert untracked(project, {"old.py"}) == ["helpers/a.py", "ignored.py"]


def test_the_list_of_what_the_repository_ignores_counts(project):
    (project / ".git" / "info" / "exclude").write_text("private.py\n")
    touch(project / "private.py")

    assert untracked(project, {"old.py"}) == []


def test_links_to_directories_and_pipes_are_no_sources(project, tmp_path):
    touch(tmp_path / "elsewhere" / "a.py")
    (project / "core").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(project / "pipe.py")

    assert untracked(project, {"old.py"}) == []


def test_more_files_than_a_command_line_holds_are_found(project):
    (project / "core").mkdir()
    for number in range(3000):
        (project / "core" / f"{'a' * 200}{number}.py").touch()

    assert len(untracked(project, {"old.py"})) == 3000
