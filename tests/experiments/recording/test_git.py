import json
import os

import pytest
from sacred import Experiment

from experiments.recording.git import Commit, add_difference, read_state, refuse_changes
from observers.directory.observer import RunDirectoryObserver
from tests.experiments.recording.conftest import git


def record_difference(root, tmp_path):
    """Record a run, and return its git.diff, None if it has none."""
    experiment = Experiment("small", base_dir=str(root), save_git_info=False)
    experiment.observers.append(RunDirectoryObserver(tmp_path / "runs"))

    @experiment.pre_run_hook
    def add(_run):
        add_difference(_run, read_state(root))

    @experiment.main
    def main():
        pass

    experiment.run(options={"--capture": "no"})
    path = tmp_path / "runs" / "1" / "git.diff"
    return path if path.exists() else None


def test_the_difference_applied_to_the_commit_gives_the_sources_of_the_run(project, tmp_path):
    (project / "old.py").write_text("ö = 2\n")
    (project / "new.py").write_text("ü = 3")
    (project / "ignored.py").touch()
    (project / "large.bin").write_bytes(b"not a source")
    path = record_difference(project, tmp_path)
    status = git(project, "status", "--porcelain")
    git(project, "checkout", "--quiet", "old.py")
    (project / "new.py").unlink()
    git(project, "apply", str(path))

    assert (project / "old.py").read_text() == "ö = 2\n"
    assert (project / "new.py").read_text() == "ü = 3"
    assert "large.bin" not in path.read_text()
    assert status.splitlines() == [" M old.py", "?? large.bin", "?? new.py"]


def test_a_change_of_the_same_size_right_after_the_commit_is_a_difference(project, tmp_path):
    """Git takes a file for unchanged if its size is the same and its time is before that of the index."""
    git(project, "config", "core.trustctime", "false")  # a test cannot set the ctime
    index, changed, times = project / ".git" / "index", project / "old.py", (1e9, 1e9)
    os.utime(changed, times)
    git(project, "update-index", "--refresh")
    changed.write_text("ö = 2\n")
    os.utime(changed, times)
    os.utime(index, times)

    assert "+ö = 2" in record_difference(project, tmp_path).read_text()


def test_sources_of_a_commit_have_no_difference(project, tmp_path):
    assert record_difference(project, tmp_path) is None
    refuse_changes(project)


@pytest.mark.parametrize("name", ["old.py", "new.py"])
def test_changed_sources_are_refused(project, name):
    (project / name).write_text("x = 2\n")

    with pytest.raises(Exception, match=f"these differ: {name}"):
        refuse_changes(project)


def test_sources_without_a_commit_are_refused(tmp_path):
    with pytest.raises(Exception, match="there is no commit"):
        refuse_changes(tmp_path)


def test_an_untracked_source_makes_the_commit_dirty(project):
    clean = read_state(project).commit
    (project / "new.py").touch()

    assert clean.is_dirty is False
    assert clean.sha == git(project, "rev-parse", "HEAD").strip()
    assert read_state(project).commit == Commit(clean.url, clean.sha, True)


def test_the_commit_has_the_remote_without_its_password(project):
    git(project, "remote", "add", "origin", "https://name:secret@example.org/a.git")

    assert read_state(project).commit.url == "https://example.org/a.git"


def test_a_directory_without_a_repository_has_no_commit(tmp_path):
    assert read_state(tmp_path).commit == Commit(None, None, None)


def info_of(tmp_path):
    return json.loads((tmp_path / "runs" / "1" / "info.json").read_text())


def test_what_git_cannot_tell_is_said_in_a_line_and_recorded_and_the_run_goes_on(project, tmp_path, capsys):
    (project / "old.py").write_text("ö = 2\n")
    for path in (project / ".git" / "objects").glob("??/*"):
        path.unlink()

    assert record_difference(project, tmp_path) is None
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("small: git.diff is missing: git ls-tree: fatal: not a tree object")
    assert info_of(tmp_path)["git"] == {"missing": [line.removeprefix("small: ")]}
    assert read_state(project).commit.is_dirty is None
    assert read_state(project).commit.sha is not None


def test_files_left_out_are_said_and_recorded_beside_the_difference_of_the_others(project, tmp_path, capsys):
    (project / "large.py").write_bytes(b"#" * 2_000_000)
    (project / "new.py").write_text("x = 1\n")

    assert "new.py" in record_difference(project, tmp_path).read_text()
    assert capsys.readouterr().err == "small: git.diff leaves out large.py (2.0 MB)\n"
    assert info_of(tmp_path)["git"] == {"missing": ["git.diff leaves out large.py (2.0 MB)"]}


def test_a_project_without_a_repository_is_recorded_as_such_without_a_word(tmp_path, capsys):
    assert record_difference(tmp_path, tmp_path) is None
    assert capsys.readouterr().err == ""
    assert info_of(tmp_path)["git"] == {"missing": ["no commit is recorded: the project is in no git repository"]}


def test_without_git_a_run_is_recorded_and_says_what_is_missing(project, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert record_difference(project, tmp_path) is None
    assert capsys.readouterr().err == "small: no commit is recorded: git is not installed\n"


def test_the_commit_of_another_project_above_is_not_that_of_the_run(project, tmp_path):
    (project / "unpacked").mkdir()

    assert read_state(project / "unpacked").commit == Commit(None, None, None)
