"""The files of imported modules are those behind links."""

import os
import sys
import types
from pathlib import Path

import pytest

from experiments.recording.repository.imported import imported_files


@pytest.fixture
def add_module(monkeypatch):
    def add(name, file):
        module = types.ModuleType(name)
        module.__file__ = file
        monkeypatch.setitem(sys.modules, name, module)

    return add


def test_a_file_behind_links_of_directories_and_of_its_own_is_found(tmp_path, add_module):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").touch()
    (tmp_path / "tree" / "b.py").symlink_to("a.py")
    (tmp_path / "link").symlink_to("tree")
    for name in ("a", "b"):
        add_module(name, str(tmp_path / "link" / f"{name}.py"))
    add_module("without_a_file", None)
    files = imported_files()

    assert files["a"] == files["b"] == os.path.realpath(tmp_path / "tree" / "a.py")
    assert "without_a_file" not in files


def test_a_relative_file_is_found_from_the_working_directory(tmp_path, add_module, monkeypatch):
    monkeypatch.chdir(tmp_path)
    add_module("a", "a.py")

    assert imported_files()["a"] == str(Path(os.path.realpath(tmp_path)) / "a.py")
