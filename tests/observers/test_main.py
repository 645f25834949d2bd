"""`python -m observers`: refusals in process, and one real process that asks a question."""

import signal
import subprocess
import sys

import pymongo
import pytest

from observers.__main__ import main

COMMANDS = ("sync", "restore", "collect", "list", "reap", "tag", "note", "delete")


@pytest.fixture(autouse=True)
def no_database(monkeypatch):
    monkeypatch.delenv("MONGO_URL", raising=False)
    monkeypatch.setattr("observers.commands.common._TIMEOUT", 0.1)


@pytest.fixture
def one_run(tmp_path, run_recorded):
    run_recorded(tmp_path / "runs")
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "nowhere"], "observers: nowhere is not a directory of runs\n"),
        (["sync"], "observers: missing the address of MongoDB: give -m URL or set MONGO_URL\n"),
        (["sync", "-m", "mongodb://a:secret@b"], "observers: the address of MongoDB names no database"),
        (["sync", "-m", "mongodb://a:secret@127.0.0.1:9/b"], "observers: MongoDB at 127.0.0.1:9/b does not answer"),
        (["delete", "9", "-F", "nowhere"], "observers: there is no run=9 in nowhere (nothing is recorded there)\n"),
    ],
)
def test_a_command_that_cannot_be_executed_is_refused_with_one_line(arguments, message, capsys):
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert "secret" not in err


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1:9:runs", "127.0.0.1:9/runs"),
        ("mongodb+srv://nohost.example.invalid/runs", "nohost.example.invalid/runs"),
    ],
)
def test_runs_on_disk_are_listed_when_the_server_does_not_answer(one_run, capsys, address, place):
    assert main(["list", "-F", str(one_run), "-m", address]) == 0
    out, err = capsys.readouterr()

    assert [line.split()[0] for line in out.splitlines()] == ["run", "1"]
    assert "MongoDB" not in out
    assert err.startswith(f"observers: MongoDB at {place} does not answer")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as exited:
        main([command, "--help"])

    assert exited.value.code == 0
    assert "-m URL" in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "left"), [("y\n", False), ("", True)])
def test_the_answer_is_read_from_standard_input(one_run, answer, left):
    done = subprocess.run(
        [sys.executable, "-m", "observers", "delete", "1", "-F", str(one_run)],
        input=answer,
        capture_output=True,
        text=True,
    )

    assert (one_run / "1").exists() == left
    assert done.returncode == int(left)
    assert "delete all of this? [y/N]" in done.stdout


def test_a_question_that_is_interrupted_deletes_nothing(one_run):
    command = [sys.executable, "-m", "observers", "delete", "1", "-F", str(one_run)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "files" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert err == "observers: interrupted\n"
    assert (one_run / "1").exists()


@pytest.mark.parametrize("arguments", [["list"], ["reap"], ["tag", "1"], ["delete", "1", "--yes"], ["--help"]])
def test_a_reader_that_closes_the_pipe_is_no_error(one_run, arguments):
    place = [] if arguments == ["--help"] else ["-F", str(one_run)]
    with subprocess.Popen(
        [sys.executable, "-m", "observers", *arguments, *place],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()

    assert (process.returncode, err) == (0, "")
    assert (one_run / "1").exists() == ("delete" not in arguments)


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_does_not_end_a_delivery(tmp_path, run_recorded, mongo_url):
    for _ in range(4):
        run_recorded(tmp_path / "runs")
    command = f'"{sys.executable}" -m observers sync {tmp_path}/runs -m {mongo_url} | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        delivered = client.get_default_database().runs.count_documents({"status": "COMPLETED"})

    assert (done.returncode, done.stderr, delivered) == (0, "", 4)
