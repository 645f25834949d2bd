"""The project on the machine of a worker, and the environment of its runs."""

import importlib.util
import os
import shutil
import sys

import pytest

from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.cluster.remote.project import Project, RefusedError, Sealed, find_project, make_environment


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the project's sources."""
    copy = tmp_path_factory.mktemp("copy")
    for name in source_digests(ROOT):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    return copy


@pytest.fixture
def changed(copy):
    """The copy, with a line more in one file until the test ends."""
    source = (copy / "core/network/network.py").read_text()
    (copy / "core/network/network.py").write_text(f"{source}\n# changed\n")
    yield copy
    (copy / "core/network/network.py").write_text(source)


@pytest.fixture
def make(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "")

    def make(root=ROOT, **environment):
        return Project(str(root), source_digests(ROOT), Sealed(environment), "OMP_.*")

    return make


def test_the_project_is_where_the_submitter_has_it(make):
    assert find_project(make()) == str(ROOT)


def test_the_project_may_be_elsewhere_if_it_is_the_same(make, copy, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(copy))

    assert find_project(make("/not/there")) == str(copy)


def test_where_the_submitter_has_another_one_the_installed_one_is_used(make, changed):
    assert find_project(make(changed)) == str(ROOT)


@pytest.mark.parametrize("name", ["experiments/added.py", "observers/errors.py"])
def test_a_project_with_a_file_more_or_less_is_refused_and_named(make, copy, monkeypatch, name):
    monkeypatch.setenv("PYTHONPATH", str(copy))
    before = (copy / name).read_bytes() if (copy / name).exists() else None
    (copy / name).write_text("") if before is None else (copy / name).unlink()

    with pytest.raises(RefusedError, match=f"^{copy}/{name} is not the file that started the sweep"):
        find_project(make())
    (copy / name).unlink() if before is None else (copy / name).write_bytes(before)


def test_without_the_project_the_worker_says_where_to_install_it(make, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(RefusedError, match=f"neither in /not/there nor installed for {sys.executable}: install it"):
        find_project(make("/not/there"))


def test_runs_get_the_variables_of_the_submitter_on_which_bits_depend_and_else_those_of_the_worker(make, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("SCRATCH", "/scratch")
    made = make_environment(make(MONGO_URL="mongodb://name:secret@host/x"), "/project")

    assert "OMP_NUM_THREADS" not in made
    assert (made["SCRATCH"], made["MONGO_URL"]) == ("/scratch", "mongodb://name:secret@host/x")
    assert made["PYTHONPATH"].split(os.pathsep)[0] == "/project"


def test_what_is_sealed_is_not_printed():
    assert "secret" not in repr(make_environment) + repr(Project("/", {}, Sealed({"MONGO_URL": "secret"}), ""))
