import json

import pytest


def test_a_row_for_each_run_and_what_they_cost(sweep, analyse):
    lines = analyse("table", sweep).splitlines()

    assert lines[0].split()[:4] == ["run", "status", "hidden", "seed"]
    assert lines[1].split()[:6] == ["1", "COMPLETED", "8", "0", "0.5", "0.45"]
    assert "ValueError: on purpose" in lines[19]
    assert lines[-1] == "19 runs, 18 completed; 36 s of processor time"


def test_runs_are_chosen_sorted_and_their_columns_named(sweep, analyse):
    chosen = ["--where", "hidden=16,32 seed>3", "--sort", "hidden,test/accuracy", "--descending"]
    shown = json.loads(analyse("table", sweep, *chosen, "--columns", "hidden,seed,run", "--format", "json"))

    assert shown == [
        {"run": 18, "hidden": 32, "seed": 5},
        {"run": 17, "hidden": 32, "seed": 4},
        {"run": 12, "hidden": 16, "seed": 5},
        {"run": 11, "hidden": 16, "seed": 4},
    ]


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("csv", "1,8,0.45"),
        ("markdown", "|     1 |        8 |            0.45 |"),
        ("latex", "1 &        8 &            0.45"),
    ],
)
def test_a_table_has_other_formats_without_the_line_of_costs(sweep, analyse, form, line):
    shown = analyse("table", sweep, "--columns", "hidden,test/accuracy", "--format", form)

    assert line in shown
    assert "runs," not in shown


@pytest.mark.parametrize("option", ["--sort", "--columns"])
def test_an_unknown_column_is_refused_with_a_similar_one(sweep, analyse, option):
    printed = analyse("table", sweep, option, "test/acuracy", status=1)

    assert printed == f"analysis: no run in {sweep} has test/acuracy (did you mean test/accuracy?)\n"


def test_all_columns_are_shown_on_request(sweep, analyse):
    header = analyse("table", sweep, "--all", "--format", "csv").splitlines()[0].split(",")

    assert {"task", "best_validation", "validation/accuracy", "start"} <= set(header)
