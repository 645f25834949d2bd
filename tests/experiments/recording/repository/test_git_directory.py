"""Every kind of repository is found by its .git, and read without a config of its own."""

import os
import shutil

import pytest

from experiments.recording.repository.command import GitError
from experiments.recording.repository.git_directory import find_repository, scratch_repository
from tests.experiments.recording.conftest import git, repository_of


def head_of(root):
    return git(root, "rev-parse", "HEAD").strip()


def test_a_repository_is_found_from_every_directory_below_its_top(project):
    (project / "a" / "b").mkdir(parents=True)
    found = repository_of(project / "a" / "b")

    assert (found.top, found.sha, found.url) == (project, head_of(project), None)


def test_the_url_is_that_of_the_first_remote(project):
    git(project, "remote", "add", "zuerst", "https://name:secret@example.org/a.git")
    git(project, "remote", "add", "danach", "https://example.org/b.git")

    assert repository_of(project).url == "https://name:secret@example.org/a.git"


def test_a_work_tree_of_its_own_has_the_objects_of_the_repository(project, tmp_path):
    git(project, "worktree", "add", "--quiet", str(tmp_path / "other"))
    found = repository_of(tmp_path / "other")

    assert (found.top, found.sha) == (tmp_path / "other", head_of(project))
    assert found.objects == project / ".git" / "objects"


def test_a_submodule_is_a_repository_of_its_own(project, tmp_path):
    outer = tmp_path / "outer"
    git(tmp_path, "init", "--quiet", str(outer))
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(project), "inner")
    found = repository_of(outer / "inner")

    assert (found.top, found.sha) == (outer / "inner", head_of(project))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_repository_of_another_owner_is_read_and_nothing_of_its_config_is_executed(project):
    sha = head_of(project)
    for name in ("core.fsmonitor", "core.sshCommand", "core.pager", "alias.rev-parse", "alias.config"):
        git(project, "config", name, f"!touch {project}/executed")
    for path in (project, *project.rglob("*")):
        os.chown(path, 12345, 12345)

    assert repository_of(project).sha == sha
    assert not (project / "executed").exists()


def test_without_a_repository_there_is_none(tmp_path):
    (tmp_path / ".git").mkdir()

    assert find_repository(tmp_path) is None


def test_a_repository_without_a_commit_is_named_as_such(tmp_path):
    git(tmp_path, "init", "--quiet")

    with pytest.raises(GitError, match=r"^the repository has no commit$"):
        find_repository(tmp_path)


@pytest.mark.parametrize(
    ("path", "problem"), [("HEAD", "not a git repository"), ("config", "bad config line 1 in file .*/config")]
)
def test_a_damaged_repository_has_its_damage_named_in_one_line(project, path, problem):
    (project / ".git" / path).write_text("[[[")

    with pytest.raises(GitError, match=problem) as error:
        find_repository(project)
    assert "\n" not in str(error.value)


def test_a_git_file_that_names_no_repository_is_an_error(project):
    shutil.rmtree(project / ".git")
    (project / ".git").write_text("gitdir: /nowhere\n")

    with pytest.raises(GitError, match=r"/nowhere|cannot be started"):
        find_repository(project)


def test_the_scratch_repository_has_the_commit_and_no_config(project):
    git(project, "config", "diff.noprefix", "true")
    with scratch_repository(repository_of(project)) as scratch:
        tree = git(scratch, f"--git-dir={scratch}", "ls-tree", "--name-only", "HEAD")
        config = (scratch / "config").read_text()

    assert tree.split() == [".gitignore", "notes.txt", "old.py"]
    assert config == "[core]\n"
    assert not scratch.exists()


def test_a_repository_of_sha_256_has_a_scratch_repository_of_its_kind(tmp_path):
    git(tmp_path, "init", "--quiet", "--object-format=sha256")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "First")
    with scratch_repository(repository_of(tmp_path)) as scratch:
        assert git(scratch, f"--git-dir={scratch}", "rev-parse", "HEAD").strip() == head_of(tmp_path)
