import json
import math

import pandas as pd

from analysis.commands.output import format_frame

FRAME = pd.DataFrame(
    {
        "hidden": [8, 16],
        "test/mean_absolute_error": [0.123456, None],
        "comment": ["a | b", "longer than the rest " * 2],
    },
    index=pd.Index([1, 2], name="run"),
)


def test_text_shows_four_digits_and_nothing_for_a_missing_value():
    lines = format_frame(FRAME).splitlines()

    assert lines[1].split() == ["1", "8", "0.1235", "a", "|", "b"]
    assert lines[2].split()[:3] == ["2", "16", "longer"]


def test_text_that_is_too_wide_gets_higher_headings_shorter_cells_and_fewer_columns():
    for width in (70, 50, 20):
        text = format_frame(FRAME, width=width)
        assert max(map(len, text.splitlines())) <= max(width, len("test/mean_absolute_error,"))
        assert "error" in text
    assert " ".join(text.split()).endswith(
        "(not shown, since the terminal is too narrow: test/mean_absolute_error, comment)"
    )
    assert "…" in format_frame(FRAME, width=70)


def test_text_without_a_terminal_has_any_width():
    assert "longer than the rest longer than the rest" in format_frame(FRAME)


def test_csv_and_json_keep_every_digit():
    assert format_frame(FRAME, "csv").splitlines()[1] == "1,8,0.123456,a | b"
    assert json.loads(format_frame(FRAME, "json"))[1]["test/mean_absolute_error"] is None
    tiny = pd.DataFrame({"lr": [1e-12], "error": [math.inf]}, index=pd.Index([1], name="run"))
    assert json.loads(format_frame(tiny, "json")) == [{"run": 1, "lr": 1e-12, "error": "Infinity"}]


def test_marks_of_markdown_and_latex_are_escaped():
    assert "a \\| b" in format_frame(FRAME, "markdown")
    assert "mean\\_absolute" in format_frame(FRAME, "latex")


def test_a_config_entry_of_a_column_with_missing_values_stays_whole():
    frame = pd.DataFrame({"memory": [5.0, None]}, index=pd.Index([1, 2], name="run"))

    assert format_frame(frame).splitlines()[1].split() == ["1", "5"]
