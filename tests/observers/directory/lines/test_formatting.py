import json
import math

import numpy as np
import pytest

from observers.directory.lines.formatting import line_of, metric_name_of, plain_step, plain_value


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float32(0.1), 0.10000000149011612),
        (np.float64(0.1), 0.1),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array(7), 7),
        (True, True),
        (math.inf, "Infinity"),
        ([math.nan], ["NaN"]),
    ],
)
def test_a_value_becomes_what_json_can_hold(value, plain):
    assert (type(plain_value(value)), plain_value(value)) == (type(plain), plain)


@pytest.mark.parametrize("step", ["1", True, math.nan, np.float64("inf"), [1]])
def test_a_step_is_a_number(step):
    assert plain_step(np.int32(4)) == 4
    with pytest.raises(ValueError, match="is not a number"):
        plain_step(step)


@pytest.mark.parametrize("name", ["train/loss", "prüfung", 'a"b\\c', "a\x7f\n\u2028", "\N{BAR CHART}"])
@pytest.mark.parametrize("value", [0.5, -0.0, 1e-5, 1e16, math.nan, 2**70, True, None, "wört", [1, {"a": 0.5}]])
def test_a_line_is_the_json_of_its_point(name, value):
    line = line_of(metric_name_of(name), 3, value, "2026-11-23T10:00:00.000001")
    content = {"name": name, "step": 3, "value": value if value == value else "NaN"}

    assert line.isascii()
    assert line.endswith(b"}\n")
    assert json.loads(line) == {**content, "timestamp": "2026-11-23T10:00:00.000001"}
