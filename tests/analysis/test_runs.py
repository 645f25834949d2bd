import functools

import pytest

from analysis.runs import main


@pytest.fixture
def show(call):
    """Call the command with arguments."""
    return functools.partial(call, main)


def test_the_overview_is_printed(runs, show, capsys):
    show(runs)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["status", "result", "best_step", "hidden"]
    assert lines[-1].split() == ["10", "COMPLETED", "0.5", "100", "32"]


def test_the_directory_is_runs_by_default(runs, show, capsys, monkeypatch):
    (runs / "runs").mkdir()
    (runs / "2").rename(runs / "runs" / "2")
    monkeypatch.chdir(runs)
    show()

    assert capsys.readouterr().out.splitlines()[-1].split()[:2] == ["2", "COMPLETED"]


def test_help_names_the_sources_of_runs(show, capsys):
    with pytest.raises(SystemExit) as exited:
        show("--help")

    assert exited.value.code == 0
    assert "mongodb://HOST/NAME" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "message"), [("nowhere", "is not a directory of runs"), ("_sources", "there are no runs in")]
)
def test_a_source_without_runs_is_refused_with_one_line(runs, show, name, message):
    with pytest.raises(SystemExit, match=message):
        show(runs / name)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mongodb://name:secret@127.0.0.1:9/runs", "MongoDB does not answer"),
        ("mongodb://name:secret@127.0.0.1:9", "names no database"),
    ],
)
def test_an_unusable_url_is_refused_without_its_password(show, monkeypatch, url, message):
    monkeypatch.setattr("analysis.loading._TIMEOUT_MS", 100)

    with pytest.raises(SystemExit, match=message) as raised:
        show(url)
    assert "secret" not in str(raised.value)
