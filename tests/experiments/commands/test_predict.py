"""The command predict."""

import re

import pytest

pytestmark = pytest.mark.slow


def test_each_word_gets_an_answer_and_nothing_is_recorded(two_runs):
    done = two_runs.run("predict", "with", "run=1", "words=elf, zwanzig,vierhundertfünfunddreißig", cold=True)

    assert done.returncode == 0
    assert done.stderr == ""
    header, *rows = done.stdout.splitlines()
    assert header.split("  ")[0] == "word"
    assert [row.split()[0] for row in rows] == ["elf", "zwanzig", "vierhundertfünfunddreißig"]
    for row in rows:
        _, parity, probability, number, truth, *remark = row.split()
        assert int(parity) == (float(probability) > 0.5)
        assert int(truth) == 1 - int(number) % 2
        assert remark == ([] if parity == truth else ["wrong"])
    assert [row.split()[3] for row in rows] == ["11", "20", "435"]
    assert sorted(path.name for path in (two_runs.directory / "runs").iterdir()) == [
        ".last_id",
        "1",
        "2",
        "_sources",
    ]


def test_the_best_run_answers_words_from_standard_input(two_runs, run_in_process):
    done = two_runs.run("predict", "with", "run=best", typed="ELF\n\nzwoelf\nx\n")

    assert done.returncode == 0, done.stderr
    best = re.match(r"run=best is run (\d): parity of 0\.\.999, .*COMPLETED, accuracy .*\n", done.stderr)
    assert best is not None
    results = {run.name: two_runs.read(f"runs/{run.name}/run.json")["result"] for run in two_runs.runs()}
    assert results[best[1]] == max(results.values())
    _, elf, empty, twelve, unknown = done.stdout.splitlines()
    spelled = run_in_process(two_runs, "predict", "with", f"run={best[1]}", "words=elf,zwölf").stdout.splitlines()
    assert [elf.split()[1:], twelve.split()[1:]] == [row.split()[1:] for row in spelled[1:]]
    assert empty.split() == ["-", "-", "-", "-", "empty"]
    assert unknown.split() == ["x", "-", "-", "-", "-", *"never seen in training: x".split()]
    assert done.stderr.splitlines()[1:] == ["unreadable words: 2"]


def test_a_number_beyond_the_range_of_training_is_answered_and_marked(two_runs, run_in_process):
    done = run_in_process(two_runs, "predict", "with", "run=1", "words=eintausendelf,elfelf")

    _, beyond, no_number = done.stdout.splitlines()
    assert beyond.split()[3:5] == ["1011", "0"]
    assert beyond.endswith("outside of 0..999")
    assert no_number.split()[3:] == ["-", "-", "number", "not", "known"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run=1 words=,", "words=, has no word, e.g. words=elf,zwanzig"),
        ("run=9 words=elf", "there is no run=9 in runs (recorded there: 1, 2)"),
        ("run=1 words=elf hidden=3", "predict takes only run, words: remove hidden"),
        ("fast run=1 words=elf", "predict takes only run, words: remove fast"),
    ],
)
def test_a_request_that_cannot_be_answered_is_refused_before_tensorflow_is_imported(
    two_runs, run_in_process, monkeypatch, arguments, message
):
    monkeypatch.setattr("experiments.commands.network.import_tensorflow", None)
    done = run_in_process(two_runs, "predict", "with", *arguments.split())

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"parity: {message}\n"


def test_missing_words_are_refused(two_runs):
    done = two_runs.run("predict", "with", "run=1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("parity: missing words=, e.g. words=elf,zwanzig")
    assert done.stderr.count("\n") == 1
