import bson
import pytest

from observers.mongodb.documents.bson_values import to_bson


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (2**63, str(2**63)),
        (-(2**70), str(-(2**70))),
        (True, True),
        ("\ud800 grün", "\\ud800 grün"),
        ({"a.b": 1, "$c": 2, "d\0": 3, "\ud800": 4}, {"a,b": 1, "@c": 2, "d\\0": 3, "\\ud800": 4}),
        ([{"large": 2**64, "small": 1}, (1, 2)], [{"large": str(2**64), "small": 1}, [1, 2]]),
    ],
)
def test_only_the_value_that_bson_cannot_hold_becomes_text(value, stored):
    assert to_bson(value) == stored
    assert bson.decode(bson.encode({"": to_bson(value)})) == {"": stored}


def test_an_integer_of_more_digits_than_python_prints_is_hexadecimal():
    assert to_bson(10**5000) == hex(10**5000)


def test_what_lies_too_deep_becomes_json_text():
    deep: object = "inside"
    for _ in range(250):
        deep = {"a": [deep]}
    stored = to_bson(deep)
    levels = 0
    while not isinstance(stored, str):
        stored = stored["a"] if isinstance(stored, dict) else stored[0]
        levels += 1

    assert levels == 90
    assert stored.startswith('{"a": [{"a": [')
    assert '"inside"' in stored
