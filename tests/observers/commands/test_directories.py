import pytest

from observers.__main__ import main
from tests.observers.maintenance.conftest import change, kill


def test_runs_are_listed_and_deleted(runs, capsys):
    assert main(["delete", "2", "2..3", "--yes", "-F", str(runs)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "deleted"
    assert main(["list", str(runs)]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["run", "1"]


def test_without_dead_runs_reap_says_so(runs, capsys):
    assert main(["reap", str(runs)]) == 0
    assert capsys.readouterr().out == "no dead runs\n"


def test_list_takes_conditions_as_delete_does(runs, capsys):
    change(runs / "2", status="FAILED")
    assert main(["list", str(runs), "--where", "status=FAILED"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["run", "2"]
    assert main(["list", str(runs), "--where", "id>1", "--where", "status=COMPLETED"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["run", "3"]


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [("status=DEAD", "has status=DEAD"), ("hiden=8", "has hiden"), ("hidden", "hidden is not a condition")],
)
def test_conditions_that_hold_for_no_run_are_refused(runs, capsys, conditions, problem):
    assert main(["list", str(runs), "--where", conditions]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert problem in printed.err


@pytest.mark.slow
def test_the_printed_command_names_the_database_of_the_option(runs, capsys, monkeypatch, mongo_url):
    kill(runs / "1")
    address = f"{mongo_url}?appName=a&socketTimeoutMS=4000"
    main(["list", str(runs), "-m", address])
    assert capsys.readouterr().err.endswith(f" -m observers reap {runs} -m '{address}'\n")

    monkeypatch.setenv("MONGO_URL", address)
    main(["list", str(runs)])
    assert capsys.readouterr().err.endswith(f" -m observers reap {runs}\n")
