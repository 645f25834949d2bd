from tests.analysis.conftest import write_run


def test_two_configurations_are_compared_in_words(sweep, analyse):
    shown = analyse("compare", sweep, "hidden=8", "hidden=32 seed<4")

    assert shown.splitlines()[0].split() == ["seed", "hidden=8", "hidden=32", "seed<4"]
    assert "test accuracy, mean: hidden=8 0.465, hidden=32 seed<4 0.89; difference 0.425" in shown
    assert shown.splitlines()[-1] == "no difference can be told from 4 common seeds; that takes 6 or more"


def test_the_metric_of_a_comparison_can_be_chosen(sweep, analyse):
    shown = analyse("compare", sweep, "hidden=8", "hidden=32", "--metric", "test/loss")

    assert "hidden=32 is better than hidden=8: the difference is more than chance" in shown


def test_two_things_are_needed_and_they_have_to_exist(sweep, analyse):
    assert "name two configurations" in analyse("compare", "hidden=8", status=1)
    assert "name two runs" in analyse("diff", "3", status=1)
    assert f"no run in {sweep} fulfils hidden=7" in analyse("compare", sweep, "hidden=7", "hidden=8", status=1)
    assert "1 is one run: name two" in analyse("diff", sweep, "1", "1", status=1)
    assert "name two configurations, such as hidden=16 hidden=32, not 3" in analyse(
        "compare", sweep, "hidden=8", "hidden=16", "hidden=32", status=1
    )
    assert analyse("compare", "hidden=8", "hidden=16", sweep) == analyse("compare", sweep, "hidden=8", "hidden=16")
    assert f"there is no run 99 in {sweep}" in analyse("diff", sweep, "1", "99", status=1)


def test_two_runs_are_shown_side_by_side(sweep, analyse):
    shown = analyse("diff", sweep, "1", "7")

    assert shown.startswith("run 1 and run 7\n\nconfig\n")
    assert ["hidden", "8", "16"] in [line.split() for line in shown.splitlines()]
    assert ["test/accuracy", "0.45", "0.85"] in [line.split() for line in shown.splitlines()]
    assert "seed" not in shown
    assert shown.endswith("sources\n(the same)\n\ngit diff\n(the same)\n")


def test_runs_are_named_by_their_directories_as_well(sweep, analyse):
    write_run(sweep.parent / "other", 1, {"task": "parity", "hidden": 9, "seed": 0})
    shown = analyse("diff", sweep / "1", sweep.parent / "other" / "1")

    assert ["hidden", "8", "9"] in [line.split() for line in shown.splitlines()]
