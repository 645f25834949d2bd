"""The command mistakes on real runs."""

import pytest
from matplotlib import image

pytestmark = pytest.mark.slow


def contents(place):
    """Return what is below the runs, but for the pictures of mistakes."""
    files = [path for path in (place.directory / "runs").rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files if path.parent.name != "mistakes"}


def test_the_score_of_the_test_is_the_recorded_one_and_nothing_is_recorded(own_runs):
    before = contents(own_runs)
    done = own_runs.run("mistakes", "with", "run=2")

    assert (done.returncode, done.stderr) == (0, "")
    accuracy = own_runs.read("runs/2/run.json")["result"]
    lines = done.stdout.splitlines()
    assert lines[0].startswith("test: 40 numbers from ")
    assert f"the network {accuracy:.4g}".split() in [line.split() for line in lines]
    assert "the run recorded the same accuracy" in lines
    wrong = round(40 * (1 - accuracy))
    assert f"missed: {wrong} of 40 words, the most confident first" in lines
    assert lines[-1] == "drawn in runs/2/mistakes/test.png"
    assert image.imread(own_runs.directory / "runs" / "2" / "mistakes" / "test.png").shape[:2] == (504, 960)
    assert contents(own_runs) == before


def test_predict_gives_the_missed_words_the_same_answers(own_runs, run_in_process):
    done = run_in_process(own_runs, "mistakes", "with", "run=1", "numbers=990..1010", "show=21")
    rows = [line.split() for line in done.stdout.splitlines()]
    missed = [row for row in rows if len(row) == 5 and row[0].isdigit()]
    words = ",".join(row[1] for row in missed)
    predicted = run_in_process(own_runs, "predict", "with", "run=1", f"words={words}").stdout.splitlines()[1:]

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("990..1010: 21 numbers, ")
    assert missed
    for (number, word, true, given, _), line in zip(missed, predicted, strict=True):
        shown, parity, _, true_number, true_parity, remark, *_ = line.split()
        assert (shown, true_number, remark.strip(",")) == (word, number, "wrong")
        assert [["odd", "even"][int(each)] for each in (true_parity, parity)] == [true, given]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run=1 numbers=extrapolation", "numbers=extrapolation is not a range such as 0..999"),
        ("run=1 show=all", "show=all is not a whole number"),
        ("run=1 words=elf", "words=elf is not an entry"),
        ("run=1 hidden=3", "mistakes takes only run, numbers, show: remove hidden"),
        ("run=9", "there is no run=9"),
    ],
)
def test_a_bad_request_is_refused_before_tensorflow_is_imported(
    two_runs, run_in_process, monkeypatch, arguments, message
):
    monkeypatch.setattr("experiments.commands.network.import_tensorflow", None)
    done = run_in_process(two_runs, "mistakes", "with", *arguments.split())

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert message in line
