import math

import pytest

from observers.directory.lines.numbers import as_python, value_text

NUMBERS = {int, float}


@pytest.mark.parametrize(
    "text", [b"1,2,3", b"0.5,-0.0,1e-07", b"5e-05,1.2e-05,0.0001", b"1e+16,1000000000000000.0,-3"]
)
def test_numbers_as_python_writes_them_keep_their_text(text):
    assert as_python(text, 3, NUMBERS) is text


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"0.00005", "5e-05"), (b"1.50", "1.5"), (b"1E5", "100000.0"), (b"-0", "0"), (b" 7 ", "7"), (b"1e16", "1e+16")],
)
def test_other_numbers_are_written_anew(text, expected):
    assert as_python(text, 1, NUMBERS) == [expected]


@pytest.mark.parametrize(
    "text", [b"1,2", b"", b"[1]", b"null", b"true", b"x", b"1e999", b"NaN", b"-99999999999999999999"]
)
def test_what_is_no_number_of_64_bits_is_refused(text):
    assert as_python(text, 1, NUMBERS) is None


@pytest.mark.parametrize(("value", "text"), [(0.5, "0.5"), (math.nan, "null"), (-math.inf, "null"), (True, "true")])
def test_values_that_are_not_finite_become_null(value, text):
    assert value_text(value) == text
