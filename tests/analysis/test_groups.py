import functools
import json

import pytest

from analysis.groups import main

METRICS = {"test/mean_absolute_error": [4.0, 2.0, 0.0], "test/exact": [0.25, 0.5, 1.0]}


@pytest.fixture
def study(tmp_path):
    """Two runs of nalu and one of places, another that failed, and one of another task."""
    for number in range(5):
        directory = tmp_path / str(number + 1)
        directory.mkdir()
        config = {"task": "number", "head": "places" if number == 2 else "nalu", "seed": number}
        values = {name: each[number] for name, each in METRICS.items()} if number < 3 else {"test/accuracy": 0.5}
        if number == 4:
            config = {"task": "parity", "head": "softmax", "seed": 4}
        metrics = {name: {"steps": [9], "values": [value], "timestamps": [""]} for name, value in values.items()}
        status = "FAILED" if number == 3 else "COMPLETED"
        (directory / "config.json").write_text(json.dumps(config))
        (directory / "run.json").write_text(json.dumps({"status": status, "experiment": {"name": "number"}}))
        (directory / "info.json").write_text(json.dumps({"cpu_seconds": 2.0 * (number + 1)}))
        (directory / "metrics.json").write_text(json.dumps(metrics))
        (directory / "cout.txt").touch()
    return tmp_path


@pytest.fixture
def show(call):
    """Call the command with arguments."""
    return functools.partial(call, main)


def test_runs_are_folded_over_their_seeds_and_measures_are_not_mixed(study, show, capsys):
    show(study, "head")
    _, *rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]

    assert ["nalu", "3", "(2", "to", "4)", "4", "0.375", "0", "of", "2", "(0.00", "to", "0.66)", "3.0"] in rows
    assert ["places", "0", "0", "1.000", "1", "of", "1", "(0.21", "to", "1.00)", "6.0"] in rows
    assert ["softmax", "0.5", "0.5", "0", "of", "1", "(0.00", "to", "0.79)", "10.0"] in rows


def test_the_share_of_a_success_can_be_chosen(study, show, capsys):
    show(study, "head", "--success", "0.5")

    assert "success, from 0.5" in (shown := capsys.readouterr().out)
    assert "1 of 2 (0.09 to 0.91)" in shown


def test_a_diverged_run_is_no_success_and_has_an_infinite_error(study, show, capsys):
    (study / "4" / "run.json").write_text(json.dumps({"status": "DIVERGED", "experiment": {"name": "number"}}))
    (study / "4" / "metrics.json").write_text("{}")
    show(study, "head", "--success", "0.5")

    assert "1 of 3 (0.06 to 0.79)" in (shown := capsys.readouterr().out)
    assert " inf " in shown


def change(study, run, **entries):
    config = json.loads((study / run / "config.json").read_text())
    (study / run / "config.json").write_text(json.dumps({**config, **entries}))


@pytest.mark.parametrize("entries", [["memory", "head"], ["memory"], []])
def test_runs_that_differ_in_more_than_their_seed_are_not_mixed(study, show, capsys, entries):
    for run, memory in (("1", None), ("2", 5), ("3", 5)):
        change(study, run, memory=memory)
    show(study, *entries, "--success", "1")
    shown = capsys.readouterr().out
    rows = [{*line.split()} for line in shown.splitlines() if " of " in line]

    assert ("also grouped by task, head, in which" in shown) == (entries == ["memory"])
    for group in ({"None", "nalu"}, {"5", "nalu"}, {"5", "places"}, {"None", "softmax"}):
        assert len([row for row in rows if group <= row]) == 1, group
    assert not [line for line in shown.splitlines() if " of 2 " in line]


def test_other_entries_are_folded_on_request(study, show, capsys):
    for run, memory in (("1", None), ("2", 5)):
        change(study, run, memory=memory)
    show(study, "head", "--over", "memory", "--success", "0.5")

    assert "1 of 2 (0.09 to 0.91)" in (shown := capsys.readouterr().out)
    assert "also grouped" not in shown


def test_messages_about_a_database_do_not_show_its_password(show, monkeypatch):
    monkeypatch.setattr("analysis.source.load_runs", lambda _: [])
    for arguments in (["head"], []):
        with pytest.raises(SystemExit, match="in the database") as exited:
            show("mongodb://name:secret@127.0.0.1:9/runs", *arguments)
        assert "secret" not in str(exited.value.code)


@pytest.mark.parametrize("success", ["98", "-1", "nan", "x"])
def test_a_success_is_a_share(study, show, capsys, success):
    with pytest.raises(SystemExit):
        show(study, "head", f"--success={success}")

    assert "--success" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"), [(["units"], "has the config entry units"), (["seed"], "no directory")]
)
def test_what_cannot_be_folded_is_refused(study, show, arguments, message):
    source = study if message != "no directory" else study / "no directory"
    with pytest.raises(SystemExit) as exited:
        show(source, *arguments)

    assert message in str(exited.value.code)
