import math
from datetime import datetime

import numpy as np
import pytest

from observers.stored_runs.conditions import Condition, read_conditions


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("hidden=64 seed>2", [("hidden", "=", (64,)), ("seed", ">", (2,))]),
        ("  a!=1  b<=2\nc>=3\td<4 ", [("a", "!=", (1,)), ("b", "<=", (2,)), ("c", ">=", (3,)), ("d", "<", (4,))]),
        ("test/accuracy>=0.99", [("test/accuracy", ">=", (0.99,))]),
        ("hidden=8,16 seed=0..2,7", [("hidden", "=", (8, 16)), ("seed", "=", (0, 1, 2, 7))]),
        (
            "status=FAILED head=None flag=True",
            [("status", "=", ("FAILED",)), ("head", "=", (None,)), ("flag", "=", (True,))],
        ),
        ("comment=\"two words\",'a, b'", [("comment", "=", ("two words", "a, b"))]),
        ('id="8" x="it\'s" y=a" "b', [("id", "=", ("8",)), ("x", "=", ("it's",)), ("y", "=", ("a b",))]),
        ("layers=[8,16],(1,2)", [("layers", "=", ([8, 16], (1, 2)))]),
        ("rate=1e-3 day=2026-11-07 x=-3", [("rate", "=", (0.001,)), ("day", "=", ("2026-11-07",)), ("x", "=", (-3,))]),
        ('comment~a,b trace~"no space"', [("comment", "~", ("a,b",)), ("trace", "~", ("no space",))]),
        ("x=__import__('os')", [("x", "=", ("__import__(os)",))]),
        ("x=C:\\dir\\", [("x", "=", ("C:\\dir\\",))]),
    ],
)
def test_conditions_are_read(text, conditions):
    assert [(read.name, read.operator, read.values) for read in read_conditions(text)] == conditions


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the condition is empty: write NAME=VALUE"),
        (" \n", "the condition is empty: write NAME=VALUE"),
        ("hidden", "hidden is not a condition: write NAME=VALUE without blanks, with one of = != < <= > >= ~"),
        ("hidden > 8", "hidden is not a condition: write NAME=VALUE without blanks"),
        ("=3", "=3 is not a condition"),
        ("a==3", "a==3 is not a condition: equal is written with one ="),
        ("a=", "a= has no value: .*; None stands for a missing value"),
        ("a=1, b=2", "a=1, has an empty value: remove the extra comma"),
        ("a=1,,2", "a=1,,2 has an empty value"),
        ("a<1,2", "a<1,2 has 2 values, and < takes one"),
        ("a=9..1", "9..1 is not a range: the smaller number comes first"),
        ("a=0..999999999", "0..999999999 is not a range: .* at most 100000 values"),
        ('a="x\ny', 'a quotation mark is not closed in a="x y'),
    ],
)
def test_what_is_no_condition_is_refused_with_one_line(text, message):
    with pytest.raises(ValueError, match=f"^{message}") as refused:
        read_conditions(text)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("condition", "holding", "others"),
    [
        ("x=64", [64, 64.0, np.int64(64), "64"], [65, "64.0", None, math.nan, [], True]),
        ("x=1", [1, 1.0], [True, np.True_, "True"]),
        ("x=True", [True, np.True_, "True"], [1, "1", None]),
        ('x="8"', ["8"], [8, 8.0]),
        ("x=8,16", [8, 16], [9, None]),
        ("x!=8,16", [9, None, math.nan, "text"], [8, 16]),
        ("x=None", [None, math.nan, np.nan, []], [0, "", False, ["a"]]),
        ("x!=None", [0, "", False, ["a"]], [None, math.nan, []]),
        ("x=good", ["good", ["good", "old"], ("good",)], ["goods", ["old"], None]),
        ("x!=good", [["old"], [], None], [["good", "old"]]),
        ("x=2026", [["2026"], 2026], [["26"]]),
        ("x=[8,16]", [[8, 16], (8, 16), np.array([8, 16])], [[16, 8], 8]),
        ("x>2", [3, 2.5, np.float32(3), math.inf], [2, "3", None, math.nan, True, [3]]),
        ("x<=2", [2, -math.inf], [2.1, "1", None]),
        ("x<2026-11-28", ["2026-11-27T06:45:01", datetime(2026, 11, 27)], [20, None, "2026-12-01"]),
        ("x~word", ["two Words", ["a", "words"]], ["wor", None, []]),
        ("x~4", [64, "4"], [63, None]),
        ("x<None", [], [None, 1, "a"]),
    ],
)
def test_a_condition_holds(condition, holding, others):
    [read] = read_conditions(condition)

    assert [value for value in holding if not read.holds(value)] == []
    assert [value for value in others if read.holds(value)] == []


def test_a_condition_can_be_made_without_text():
    assert Condition("tag", "=", ("good",)).holds(["good"])
