import pytest

from analysis.loading import load_runs
from analysis.sources.files import read_artifact, read_source, source_files
from tests.analysis.conftest import write_run


@pytest.mark.usefixtures("patient_delivery")
@pytest.mark.slow
def test_sources_and_artifacts_are_the_same_from_mongodb_and_from_the_directory(mongo_url, tmp_path, run_recorded):
    def body(run):
        (tmp_path / "git.diff").write_text("+ a line\n")
        run.add_artifact(tmp_path / "git.diff")

    run_recorded(tmp_path / "runs", mongo_url, body)
    for source in (tmp_path / "runs", mongo_url):
        [run] = load_runs(source)
        files = source_files(run)

        assert read_artifact(run, "git.diff") == "+ a line\n"
        assert read_artifact(run, "nothing") == ""
        assert [bool(read_source(run, content)) for content in files.values()] == [True] * len(files)
        assert files


def test_a_run_of_another_tool_has_no_sources(runs):
    assert source_files(load_runs(runs)[0]) == {}


def test_a_source_that_is_gone_is_an_error(runs):
    with pytest.raises(FileNotFoundError):
        read_source(load_runs(runs)[0], "_sources/gone.py")


@pytest.mark.parametrize("name", ["/etc/hostname", "../secret.txt", "link.txt", 7, None, "a\0b", "\ud800", ""])
def test_a_file_outside_of_the_runs_is_never_read(tmp_path, name):
    (tmp_path / "secret.txt").write_text("secret")
    directory = write_run(tmp_path / "runs", 1)
    (directory.parent / "link.txt").symlink_to(tmp_path / "secret.txt")
    (directory / "git.diff").symlink_to(tmp_path / "secret.txt")
    [run] = load_runs(directory.parent)

    with pytest.raises(OSError, match=r"outside of|out of|not the name of a file"):
        read_source(run, name)
    assert read_artifact(run, "git.diff") == ""
