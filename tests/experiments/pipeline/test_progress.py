import io
import sys

from experiments.pipeline.progress import ProgressDisplay


class Terminal(io.StringIO):
    def isatty(self):
        return True


def validate(progress, steps):
    for step in steps:
        progress.show_validation(step, {"mean_absolute_error": 2.5, "loss": 0.125})


def test_without_a_terminal_lines_come_at_doubling_steps_and_at_the_end(capsys):
    with ProgressDisplay(1000, "mean_absolute_error", io.StringIO()) as progress:
        validate(progress, range(0, 501, 50))

    assert capsys.readouterr().out.splitlines() == [
        f"step {step:>6}   validation mean absolute error 2.5, loss 0.125" for step in (50, 100, 200, 400, 500)
    ]


def test_a_terminal_gets_a_bar_and_no_lines(capsys):
    terminal, logged = Terminal(), []
    with ProgressDisplay(1000, "mean_absolute_error", terminal) as progress:
        log = progress.watch(lambda *point: logged.append(point))
        validate(progress, [50])
        log("train/loss", 0.75, 500)
        log("train/accuracy", 0.5, 500)

    assert capsys.readouterr().out == ""
    assert logged == [("train/loss", 0.75, 500), ("train/accuracy", 0.5, 500)]
    assert "/1000 steps" in terminal.getvalue()


def test_where_the_user_sees_no_terminal_the_one_behind_it_gets_no_bar(monkeypatch):
    """As in a notebook, whose server has been started on a terminal."""
    behind = Terminal()
    monkeypatch.setattr(sys, "__stderr__", behind)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with ProgressDisplay(1000, "mean_absolute_error") as progress:
        progress.watch(lambda *_: None)("train/loss", 0.75, 500)

    assert behind.getvalue() == ""
