from observers.__main__ import main


def test_runs_are_listed_and_deleted(runs, capsys):
    assert main(["delete", "2", "2..3", "--yes", "-F", str(runs)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "deleted"
    assert main(["list", str(runs)]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["run", "1"]


def test_without_dead_runs_reap_says_so(runs, capsys):
    assert main(["reap", str(runs)]) == 0
    assert capsys.readouterr().out == "no dead runs\n"
