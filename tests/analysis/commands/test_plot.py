import pytest

from tests.analysis.conftest import write_run


def test_learning_curves_and_results_are_drawn(sweep, tmp_path, analyse):
    picture = tmp_path / "picture.png"

    assert analyse("plot", sweep, "-o", picture) == f"18 runs drawn in {picture}; 1 without these metrics left out\n"
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "options",
    [
        ["--against", "hidden"],
        ["--against", "seed,hidden"],
        ["--against", "seed", "--over", "hidden"],
        ["--metric", "validation/accuracy"],
        ["--metric", "test/loss", "--against", "hidden"],
    ],
)
def test_the_same_runs_give_the_same_bytes(sweep, tmp_path, analyse, options):
    for name in ("a.svg", "b.svg"):
        analyse("plot", sweep, "-o", tmp_path / name, *options)

    assert (tmp_path / "a.svg").read_text() == (tmp_path / "b.svg").read_text()
    assert "<svg" in (tmp_path / "a.svg").read_text()


def test_runs_that_differ_have_curves_of_their_own_and_tasks_have_rows(tmp_path, analyse, monkeypatch):
    """Two languages and two seeds of parity, and a run of number, which once was left out without a word."""
    accuracy = {"validation/accuracy": {0: 0.25, 10: 0.5}, "test/accuracy": 0.5}
    error = {"validation/mean_absolute_error": {0: 9, 10: 5}, "test/mean_absolute_error": 5}
    for number, (language, seed, metrics) in enumerate(
        [("de", 1, accuracy), ("de", 2, accuracy), ("en", 1, accuracy), ("de", 1, error)]
    ):
        write_run(tmp_path, number, {"language": language, "seed": seed}, metrics)
    drawn = []

    def note(_axes, group, metric, label, _style):
        drawn.append((metric, label, len(group)))

    monkeypatch.setattr("analysis.commands.plot.draw_learning_curves", note)
    monkeypatch.setattr("analysis.commands.plot.add_legend", lambda _axes: None)
    analyse("plot", tmp_path, "-o", tmp_path / "a.png")

    assert drawn == [
        ("validation/accuracy", "language=de ({count} runs)", 2),
        ("validation/accuracy", "language=en ({count} runs)", 1),
        ("validation/mean_absolute_error", "median of {count} runs", 1),
    ]


def test_more_groups_than_a_picture_holds_are_refused(tmp_path, analyse):
    for number in range(13):
        write_run(tmp_path, number, {"hidden": number, "seed": 1}, {"test/accuracy": 0.5})

    assert analyse("plot", tmp_path, "-o", tmp_path / "a.png", status=1) == (
        "analysis: the runs differ in hidden: 13 groups, and a picture holds 12; --where chooses runs, --over folds"
        " entries\n"
    )
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "a.gif"], "a.gif does not end with .png or .svg or .pdf"),
        (["-o", "none/a.png"], "none/a.png cannot be written: there is no directory none"),
        (["-o", "a.png", "--against", "hiden"], "has the config entry hiden (did you mean hidden?)"),
        (["-o", "a.png", "--against", "hidden,seed,task"], "names more than two entries"),
        (["-o", "a.png", "--metric", "train/x"], "has train/x"),
        (["-o", "a.png", "--metric", "hidden"], "hidden is no metric of a run"),
    ],
)
def test_what_cannot_be_drawn_is_refused(sweep, tmp_path, analyse, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)

    assert message in analyse("plot", sweep, *options, status=1)
    assert not list(tmp_path.glob("a.*"))


def test_runs_without_a_result_are_refused(runs, analyse):
    assert "there are no runs with a test result in" in analyse("plot", runs, "-o", runs / "a.png", status=1)
