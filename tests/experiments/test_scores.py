import io
from pathlib import Path

from experiments.scores import Score, Scoreboard, best, table
from observers.stored_runs import StoredRun


def score(result, trouble=None, where="runs/1", **values):
    entry = {"status": "FAILED" if trouble else "COMPLETED", "result": result, "uuid": "u"}
    return Score(values, StoredRun(Path(where), entry, {"task": "parity"}, {}, ()), trouble)


def test_results_stand_beside_what_varies():
    scores = [score(0.5, hidden=8), score(0.25, hidden=16, where="runs/12")]

    assert (
        table(scores, ["hidden"]) == "hidden  accuracy      run\n     8       0.5   runs/1\n    16      0.25  runs/12"
    )


def test_seeds_are_put_together():
    scores = [score(result, hidden=8, seed=seed) for seed, result in enumerate([0.5, 0.75, 1.0])]

    assert table(scores, ["hidden", "seed"]) == (
        "hidden  accuracy: median  least  most  runs\n     8              0.75    0.5     1     3"
    )


def test_the_best_run_is_named():
    scores = [score(0.5, hidden=8), score(0.75, hidden=16, where="runs/2"), score(None, "FAILED", hidden=32)]

    assert best(scores, ["hidden"]) == "best: hidden=16  accuracy 0.75  runs/2"
    assert best(scores[2:], ["hidden"]) == ""


def test_runs_without_a_result_are_left_out():
    assert table([score(None, "FAILED: no", hidden=8)], ["hidden"]) == "no run has a result"


def test_a_run_is_told_as_it_ends(capsys):
    board = Scoreboard(12, ["hidden", "seed"])
    board.add(score(0.5, hidden=8, seed=3))
    board.add(score(None, "FAILED: what went wrong", hidden=8, seed=4, where="runs/2"))
    board.close()

    assert capsys.readouterr().out == (
        " 1/12  hidden=8 seed=3  accuracy 0.5  runs/1\n 2/12  hidden=8 seed=4  FAILED: what went wrong  runs/2\n"
    )


def test_a_terminal_has_a_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    board = Scoreboard(2, ["seed"])
    board.add(score(0.5, seed=1))
    board.close()

    assert "1/2" in terminal.getvalue()
