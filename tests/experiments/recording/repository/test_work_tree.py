"""The patch gives the bytes of the work tree, whatever git is configured to do."""

import hashlib
import os
import stat
import subprocess

import pytest

from experiments.recording.repository.work_tree import compare
from tests.experiments.recording.conftest import git, repository_of

CONFIGS = [
    "color.ui=always",
    "core.autocrlf=true",
    "core.autocrlf=input",
    "core.fileMode=false",
    "core.fsmonitor=touch executed",
    "core.ignoreStat=true",
    "core.quotePath=false",
    "commit.gpgsign=true",
    "diff.algorithm=patience",
    "diff.context=0",
    "diff.external=touch executed",
    "diff.mnemonicPrefix=true",
    "diff.noprefix=true",
    "diff.orderFile=missing",
    "diff.renames=copies",
    "diff.submodule=log",
    "diff.wsErrorHighlight=all",
    "diff.python.command=touch executed",
    "diff.python.textconv=touch executed",
    "filter.missing.required=true",
    "filter.missing.clean=touch executed",
    "filter.missing.smudge=touch executed",
]


def write_all(project):
    """Change, create and delete sources and other files of a project with one commit."""
    (project / ".git" / "info" / "attributes").write_text("*.py diff=python filter=missing text eol=crlf\n")
    (project / "old.py").write_bytes(b"\xc3\xb6 = 2\r\n\xff = 3")
    (project / "notes.txt").unlink()
    (project / "core").mkdir()
    (project / "core" / "binary.py").write_bytes(bytes(range(256)))
    (project / "core" / "größe \t'q'.py").write_text("a = 1\n")
    (project / "core" / "run.py").write_text("a = 1\n")
    (project / "core" / "run.py").chmod(0o755)
    (project / "core" / "empty.py").touch()


def files_of(root):
    """The content and mode of all files below a directory."""
    paths = [path for path in root.rglob("*") if ".git" not in path.parts and not path.is_dir()]
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode & stat.S_IXUSR) for path in paths}


def clone_with(project, patch, directory):
    """A clone of the commit with the patch applied, without any config."""
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "clone", "--quiet", project, directory], env=environment, check=True)
    subprocess.run(["git", "apply", "--index", "-"], cwd=directory, env=environment, check=True, input=patch)
    return files_of(directory)


def difference_of(root, top=None):
    return compare(repository_of(top or root), root)


@pytest.mark.parametrize("config", CONFIGS)
def test_the_patch_gives_the_same_bytes_with_any_config(project, tmp_path, monkeypatch, config):
    name, _, value = config.partition("=")
    for scope in ("user", "repository"):
        where = ["--file", str(tmp_path / "user.config")] if scope == "user" else []
        git(project, "config", *where, name, value)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "user.config"))
    write_all(project)

    assert clone_with(project, difference_of(project).patch, tmp_path / "clone") == files_of(project)
    assert not list(tmp_path.rglob("executed"))


@pytest.mark.parametrize(
    "variables",
    [
        {"GIT_DIR": "/nowhere"},
        {"GIT_INDEX_FILE": "/nowhere"},
        {"GIT_EXTERNAL_DIFF": "false"},
        {"GIT_DIFF_OPTS": "-u0"},
        {"GIT_WORK_TREE": "/"},
        {"GIT_OBJECT_DIRECTORY": "/nowhere"},
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "diff.noprefix", "GIT_CONFIG_VALUE_0": "true"},
    ],
    ids=str,
)
def test_variables_of_git_do_not_matter(project, tmp_path, monkeypatch, variables):
    write_all(project)
    with monkeypatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        difference = difference_of(project)

    assert clone_with(project, difference.patch, tmp_path / "clone") == files_of(project)


def test_hooks_are_not_executed_and_the_index_of_the_user_stays_as_it_is(project):
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        hook = project / ".git" / "hooks" / name
        hook.write_text("#!/bin/sh\ntouch executed\n")
        hook.chmod(0o755)
    index = (project / ".git" / "index").read_bytes()
    objects = sorted((project / ".git" / "objects").rglob("*"))
    write_all(project)

    assert difference_of(project).patch
    assert not list(project.rglob("executed"))
    assert (project / ".git" / "index").read_bytes() == index
    assert sorted((project / ".git" / "objects").rglob("*")) == objects


@pytest.mark.parametrize("damage", ["index", "lock"])
def test_an_index_that_is_damaged_or_locked_does_not_matter(project, damage):
    (project / "old.py").write_text("ö = 2\n")
    (project / ".git" / ("index" if damage == "index" else "index.lock")).write_bytes(b"damaged")

    assert difference_of(project).names == ["old.py"]


def test_a_project_below_the_top_has_its_own_difference(project, tmp_path):
    below = project / "small"
    (below / "core").mkdir(parents=True)
    (below / "core" / "a.py").write_text("a = 1\n")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "Second")
    (below / "core" / "a.py").write_text("a = 2\n")
    (below / "core" / "b.py").write_text("b = 1\n")
    (project / "old.py").write_text("of another project\n")
    difference = difference_of(below, project)
    clone_with(project, difference.patch, tmp_path / "clone")

    assert difference.names == ["small/core/a.py", "small/core/b.py"]
    assert (tmp_path / "clone" / "small" / "core" / "a.py").read_text() == "a = 2\n"


def test_a_directory_that_the_commit_does_not_have_has_no_difference(project):
    (project / "elsewhere").mkdir()

    assert difference_of(project / "elsewhere", project) is None


def test_large_and_unreadable_files_are_left_out_and_named(project, monkeypatch):
    (project / "core").mkdir()
    (project / "core" / "large.py").write_bytes(b"#" * 1_100_000)
    (project / "core" / "small.py").write_text("a = 1\n")
    (project / "notes.txt").write_bytes(b"#" * 11_000_000)
    (project / "loop.py").symlink_to("loop.py")
    difference = difference_of(project)

    assert difference.left_out == ["core/large.py (1.1 MB)", "notes.txt (11.0 MB)"]
    assert difference.names == ["core/large.py", "core/small.py", "notes.txt"]
    assert b"core/small.py" in difference.patch
    assert b"large.py" not in difference.patch


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_left_out(project):
    (project / "new.py").touch(mode=0)

    assert difference_of(project).left_out == ["new.py (Permission denied)"]


def test_a_file_that_git_lfs_has_put_in_place_of_its_pointer_is_unchanged(project):
    content = b"#" * 20_000_000
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(content).hexdigest()}\n"
    (project / "data.bin").write_text(f"{pointer}size {len(content)}\n")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "Second")
    (project / "data.bin").write_bytes(content)

    assert difference_of(project).names == []


def test_links_executables_and_directories_in_place_of_files_are_part_of_the_patch(project, tmp_path):
    (project / "notes.txt").unlink()
    (project / "notes.txt").symlink_to(".gitignore")
    (project / "old.py").unlink()
    (project / "old.py").mkdir()
    clone_with(project, difference_of(project).patch, tmp_path / "clone")

    assert (tmp_path / "clone" / "notes.txt").readlink().name == ".gitignore"
    assert not (tmp_path / "clone" / "old.py").exists()
