import os
import subprocess
import sysconfig
from importlib import metadata

import pytest
from sacred import Experiment

from experiments.sources import add_difference, refuse_changes, register_sources, without_secrets, without_userinfo
from observers.run_directory import RunDirectoryObserver


@pytest.fixture
def project(tmp_path):
    """A repository with one commit, one change of a source, one of something else, and one source never added."""
    root = tmp_path / "project"
    root.mkdir()
    (root / ".gitignore").write_text("ignored.py\n")
    for name in ("old.py", "notes.txt"):
        (root / name).write_text("ä = 1\n")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "First")
    return root


def git(root, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=b@c")
    return subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def difference(root, tmp_path):
    """The git.diff of a run."""
    experiment = Experiment("small", base_dir=str(root), save_git_info=False)
    experiment.observers.append(RunDirectoryObserver(tmp_path / "runs"))

    @experiment.pre_run_hook
    def add(_run):
        add_difference(_run, root)

    @experiment.main
    def main():
        pass

    experiment.run()
    path = tmp_path / "runs" / "1" / "git.diff"
    return path if path.exists() else None


def test_the_difference_to_the_commit_gives_the_sources_of_the_run(project, tmp_path):
    (project / "old.py").write_text("ö = 2\n")
    (project / "new.py").write_text("ü = 3")
    (project / "ignored.py").touch()
    (project / "large.bin").write_bytes(b"no source")
    path = difference(project, tmp_path)
    status = git(project, "status", "--porcelain")
    git(project, "checkout", "--quiet", "old.py")
    (project / "new.py").unlink()
    git(project, "apply", str(path))

    assert (project / "old.py").read_text() == "ö = 2\n"
    assert (project / "new.py").read_text() == "ü = 3"
    assert "large.bin" not in path.read_text()
    assert status.splitlines() == [" M old.py", "?? large.bin", "?? new.py"]


def test_a_change_of_the_same_size_right_after_the_commit_is_a_difference(project, tmp_path):
    """Git takes a file for unchanged whose size is the same and whose time is before that of the index."""
    git(project, "config", "core.trustctime", "false")  # which a test cannot set
    index, changed, times = project / ".git" / "index", project / "old.py", (1e9, 1e9)
    os.utime(changed, times)
    git(project, "update-index", "--refresh")
    changed.write_text("ö = 2\n")
    os.utime(changed, times)
    os.utime(index, times)

    assert "+ö = 2" in difference(project, tmp_path).read_text()


def test_sources_of_a_commit_have_no_difference(project, tmp_path):
    assert difference(project, tmp_path) is None
    refuse_changes(project)


@pytest.mark.parametrize("name", ["old.py", "new.py"])
def test_sources_that_are_not_those_of_a_commit_are_refused_when_asked(project, name):
    (project / name).write_text("x = 2\n")

    with pytest.raises(Exception, match=f"these differ: {name}"):
        refuse_changes(project)


def test_without_a_commit_nothing_can_be_asked_of_it(tmp_path):
    with pytest.raises(Exception, match="there is none"):
        refuse_changes(tmp_path)


def test_a_source_that_was_never_added_makes_the_state_dirty(project):
    experiment = Experiment("small", base_dir=str(project), save_git_info=False)
    register_sources(experiment, project)
    assert experiment.mainfile.is_dirty is False
    (project / "new.py").touch()
    register_sources(experiment, project)

    assert experiment.mainfile.is_dirty is True


def test_every_installed_package_is_named_with_its_version(project):
    experiment = Experiment("small", base_dir=str(project), save_git_info=False)
    register_sources(experiment, project)
    installed = metadata.distributions(path=[sysconfig.get_path("purelib")])

    named = {(package.name, package.version) for package in experiment.dependencies}
    assert named == {(package.name, package.version) for package in installed} - {("zahlwort", "0.1.0")}
    assert ("sacred", "0.8.7") in named


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("--mongo_db=mongodb://name:secret@host:27017/runs", "--mongo_db=mongodb://host:27017/runs"),
        ("mongodb://name:se:cr@et/@host/runs", "mongodb://host/runs"),
        ("see https://secret@host/a and ftp://b:secret@c", "see https://host/a and ftp://c"),
        ("localhost:27017:runs", "localhost:27017:runs"),
        ("words=elf@home", "words=elf@home"),
        ("https://host/a", "https://host/a"),
    ],
)
def test_a_text_is_kept_without_the_secrets_of_its_urls(text, kept):
    assert without_secrets(text) == kept


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://name:secret@example.org/a/b.git", "https://example.org/a/b.git"),
        ("https://secret@example.org/a@b.git", "https://example.org/a@b.git"),
        ("ssh://git@example.org:22/a.git", "ssh://example.org:22/a.git"),
        ("oauth2:secret@example.org:a/b.git", "example.org:a/b.git"),
        ("git@example.org:a.git", "example.org:a.git"),
        ("https://example.org/a.git", "https://example.org/a.git"),
        ("../elsewhere", "../elsewhere"),
    ],
)
def test_the_url_of_a_remote_is_kept_without_name_and_password(url, kept):
    assert without_userinfo(url) == kept
