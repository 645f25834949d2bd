import math

import numpy as np
import pytest

from observers.system.json_values import float_name, parse_float_name, to_json


def test_floats_that_are_not_finite_become_their_names():
    numbers = [math.nan, math.inf, -math.inf, 0.1]
    converted = to_json({"list": numbers, "deep": {"er": [{"est": math.nan}]}, "tuple": (math.inf,)})

    assert converted["list"] == ["NaN", "Infinity", "-Infinity", 0.1]
    assert converted["deep"] == {"er": [{"est": "NaN"}]}
    assert "NaN" not in str(converted["tuple"])
    assert "Infinity" in str(converted["tuple"])


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (np.float64("nan"), "NaN"),
        (np.float64("-inf"), "-Infinity"),
        (np.float32("nan"), "NaN"),
        (np.float32("inf"), "Infinity"),
    ],
)
def test_numpy_numbers_become_python_numbers(number, value):
    assert to_json({"number": number}) == {"number": value}


def test_an_item_that_cannot_be_converted_becomes_its_string_and_the_others_are_kept():
    class Torn:
        def __getstate__(self):
            raise ValueError("on purpose")

        def __str__(self):
            return "torn"

    assert to_json({"good": 1, "deep": {"good": 2, "bad": Torn()}}) == {"good": 1, "deep": {"good": 2, "bad": "torn"}}


@pytest.mark.parametrize(("number", "name"), [(math.inf, "Infinity"), (-math.inf, "-Infinity")])
def test_the_name_of_an_infinity_is_parsed(number, name):
    assert float_name(number) == name
    assert parse_float_name(name) == number


def test_the_name_of_nan_is_parsed_and_other_values_are_unchanged():
    assert float_name(math.nan) == "NaN"
    assert math.isnan(parse_float_name("NaN"))
    assert parse_float_name("nan") == "nan"
    assert parse_float_name([1]) == [1]
