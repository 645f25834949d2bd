import sys
import types
from importlib import metadata

import pytest
from sacred import Experiment

from experiments.pipeline.errors import UserError
from experiments.recording import sources
from experiments.recording.git import Commit
from experiments.recording.layout import ROOT
from experiments.recording.sources import installed_packages, refuse_mixed_trees, register_sources, source_digests


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project whose packages have a module each at every place where names could mislead."""
    root = tmp_path / "tree"
    for path in (
        "core/grid.py",
        "core/data/plan.py",
        "experiments/sweep.py",
        "experiments/sweeps/planning/grid.py",
        "experiments/pipeline/sweep.py",
        "observers/results.py",
        "analysis/table.py",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    for name in ("core", "experiments", "observers", "analysis"):
        for path in (root / name).rglob("*.py"):
            module = ".".join(path.relative_to(root).with_suffix("").parts)
            fake = types.ModuleType(module)
            fake.__file__ = str(path)
            monkeypatch.setitem(sys.modules, f"tree.{module}", fake)
    return root


def registered(root):
    experiment = Experiment("small", base_dir=str(root), save_git_info=False)
    register_sources(experiment, root, Commit())
    return experiment


def test_imported_modules_of_the_packages_are_sources_unless_they_start_runs(tree):
    paths = {source.filename for source in registered(tree).sources}

    assert {path.removeprefix(f"{tree}/") for path in paths if path.startswith(str(tree))} == {
        "core/grid.py",
        "core/data/plan.py",
        "experiments/pipeline/sweep.py",
        "observers/results.py",
    }


def test_a_module_that_is_imported_through_a_link_is_the_source_behind_it(tree, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(tree)
    linked = types.ModuleType("linked")
    linked.__file__ = str(tmp_path / "link" / "core" / "linked.py")
    (tree / "core" / "linked.py").touch()
    monkeypatch.setitem(sys.modules, "linked", linked)

    assert f"{tree}/core/linked.py" in {source.filename for source in registered(tree).sources}


@pytest.mark.parametrize("below", ["", "worktree/"])
def test_a_package_of_another_tree_is_refused_with_its_file(tmp_path, monkeypatch, below):
    file = f"{ROOT if below else tmp_path}/{below}core/stray.py"
    other = types.ModuleType("core.stray")
    other.__file__ = file
    refuse_mixed_trees(ROOT)
    monkeypatch.setitem(sys.modules, "core.stray", other)

    with pytest.raises(UserError, match=f"core.stray comes from {file}, not from {ROOT}/core"):
        refuse_mixed_trees(ROOT)


def test_digests_have_every_source_below_the_packages_by_its_path(tree):
    assert source_digests(tree).keys() == {
        "core/grid.py",
        "core/data/plan.py",
        "experiments/sweep.py",
        "experiments/sweeps/planning/grid.py",
        "experiments/pipeline/sweep.py",
        "observers/results.py",
    }


def test_every_installed_package_is_registered_with_its_version(tmp_path):
    versions = {package.name: package.version for package in registered(tmp_path).dependencies}

    assert versions["sacred"] == "0.8.7"
    assert versions["numpy"] == metadata.version("numpy")
    assert sources._PROJECT not in versions
    assert versions.keys() == {distribution.name for distribution in metadata.distributions()} - {sources._PROJECT}


def test_packages_are_found_in_every_directory_of_the_path_and_the_first_one_counts(tmp_path, monkeypatch):
    for place, version in (("first", "2.0"), ("second", "1.0")):
        directory = tmp_path / place / "sacred-0.dist-info"
        directory.mkdir(parents=True)
        (directory / "METADATA").write_text(f"Metadata-Version: 2.1\nName: elsewhere\nVersion: {version}\n")
        monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / place)])

    assert installed_packages()["elsewhere"] == "2.0"
