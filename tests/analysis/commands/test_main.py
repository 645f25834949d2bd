import subprocess
import sys

import pytest

from analysis.commands.main import MODULES, main
from tests.analysis.conftest import write_run
from tests.documents.commands import ROOT

COMMANDS = ("table", "groups", "compare", "best", "diff", "failed", "duplicates", "plot", "report")
TWO = {"compare": ["hidden=8", "hidden=16"], "diff": ["1", "2"]}


def arguments(command, source, tmp_path):
    """Return the arguments of a command on a source."""
    outputs = {"plot": ["-o", str(tmp_path / "a.png")], "report": ["-o", str(tmp_path / "a.html")]}
    return [command, str(source), *TWO.get(command, []), *outputs.get(command, [])]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_source_that_is_missing_or_empty_is_one_line(command, tmp_path, analyse, monkeypatch):
    monkeypatch.setattr("analysis.sources.mongodb._TIMEOUT_MS", 100)
    (tmp_path / "empty").mkdir()
    for source, message in (
        (tmp_path / "nowhere", f"analysis: {tmp_path}/nowhere is not a directory of runs\n"),
        (tmp_path / "empty", f"analysis: there are no runs in {tmp_path}/empty\n"),
        (
            "mongodb://name:secret@127.0.0.1:9/runs",
            "analysis: MongoDB does not answer (connection refused: start the server, or correct host and port)\n",
        ),
        ("mongodb://name:secret@127.0.0.1:9", "names no database"),
    ):
        printed = analyse(*arguments(command, source, tmp_path), status=1)
        assert message in printed
        assert len(printed.splitlines()) == 1
        assert "secret" not in printed
    assert not list(tmp_path.glob("a.*"))


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "diff"])
def test_conditions_that_no_run_fulfils_are_one_line(command, sweep, tmp_path, analyse):
    printed = analyse(*arguments(command, sweep, tmp_path), "--where", "hidden=7", status=1)

    assert printed == f"analysis: no run in {sweep} fulfils hidden=7\n"
    assert not list(tmp_path.glob("a.*"))


def test_runs_in_directories_below_are_named(sweep, analyse):
    assert analyse("table", sweep.parent, status=1) == (
        f"analysis: there are no runs in {sweep.parent}; there are in {sweep}\n"
    )


def test_a_terminal_that_has_seen_enough_ends_a_command_quietly(sweep):
    command = f"{sys.executable} -m analysis table {sweep} | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.split()[0] == "run"
    assert done.stderr == ""


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])

    shown = capsys.readouterr().out
    assert all(f"    {command}" in shown for command in COMMANDS)


def test_each_command_is_found_in_one_module():
    assert sorted(command for commands in MODULES.values() for command in commands) == sorted(COMMANDS)


@pytest.mark.slow
def test_a_table_imports_nothing_that_only_other_commands_need(sweep):
    code = f"import sys; from analysis.commands.main import main; main(['table', {str(sweep)!r}]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert not {"scipy", "sklearn", "matplotlib", "plotly"} & set(done.stdout.split())


def test_characters_that_control_a_terminal_are_shown_as_codes(tmp_path, analyse):
    for number, language in enumerate(("de", "\x1b[31m\x07")):
        config, info = {"task": "parity", "language": language, "seed": 0}, {"best_validation": 0.5}
        write_run(tmp_path, number, config, {"test/accuracy": 0.5}, info, meta={"comment": language})
    for command in (["table"], ["groups"], ["best"], ["diff", tmp_path, "0", "1"]):
        shown = analyse(command[0], *(command[1:] or [tmp_path]))
        assert "\x1b" not in shown
        assert "\\x1b[31m\\x07" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "mongodb://u:secret@127.0.0.1:9/zw"],
        ["compare", "mongodb://u:secret@127.0.0.1:9/zw", "hidden=8"],
        ["diff", "mongodb://u:secret@127.0.0.1:9/zw", "3"],
        ["table", "Mongodb://u:secret@127.0.0.1:9/zw"],
        ["table", "u:secret@127.0.0.1:9:zw"],
    ],
)
def test_no_message_shows_a_password(arguments, analyse, monkeypatch):
    monkeypatch.setattr("analysis.sources.mongodb._TIMEOUT_MS", 100)
    printed = analyse(*arguments, status=1)

    assert "secret" not in printed
    assert len(printed.splitlines()) == 1


ODD = {
    "seeds": [{"seed": None, "lr": 1}, {"seed": [1, 2], "lr": 1}, {"seed": "a", "lr": 2}],
    "entries": [{"net": {"layers": [1]}, "a.b": 1}, {"net": [1], "name": "x" * 300}, {"run": 1, "a$b": "$x{"}],
    "nothing": [{}],
}


@pytest.mark.parametrize("configs", ODD.values(), ids=ODD)
@pytest.mark.parametrize(
    "metrics", [{"test/accuracy": 0.5}, {"test/accuracy": "text"}, {"loss": {"a": 1, "b": 2}}, {}]
)
def test_odd_runs_of_another_tool_end_no_command_with_a_traceback(tmp_path, analyse, configs, metrics, capsys):
    for number, config in enumerate(configs, 1):
        write_run(tmp_path, number, config, metrics, [number], result={"a": 1})
    outputs = {"plot": ["-o", str(tmp_path / "a.png")], "report": ["-o", str(tmp_path / "a.html")]}
    for command in COMMANDS:
        given = {"compare": ["lr=1", "lr=2"], "diff": ["1", "2"]}.get(command, [])
        assert main([command, str(tmp_path), *given, *outputs.get(command, [])]) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err
