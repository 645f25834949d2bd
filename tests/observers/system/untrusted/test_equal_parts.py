import json

import pytest

from observers.system.untrusted.equal_parts import EqualParts


def shared(*texts):
    parts, contents = EqualParts("experiment"), [json.loads(f'{{"experiment": {text}}}') for text in texts]
    for content in contents:
        parts.share(content)
    return [content["experiment"] for content in contents]


@pytest.mark.parametrize("text", ['{"name": "parity", "sources": [["a.py", "a_1.py"]]}', "[1, 2.5, null]", "{}", "[]"])
def test_equal_parts_are_one_object(text):
    first, other, second = shared(text, '["other"]', text)

    assert first is second
    assert first == json.loads(text)
    assert other == ["other"]


@pytest.mark.parametrize(
    ("one", "another"), [("[1]", "[1.0]"), ("[1]", "[true]"), ("[NaN]", "[null]"), ("[Infinity]", "[null]")]
)
def test_parts_that_are_written_differently_stay_as_they_are(one, another):
    assert [json.dumps(part) for part in shared(one, another, one)] == [one, another, one]


@pytest.mark.parametrize("text", ["[36893488147419103232]", '["\\ud800"]', '"text"', "7", "null"])
def test_what_cannot_be_compared_stays_as_it_is(text):
    assert shared(text, text) == [json.loads(text)] * 2


def test_a_content_without_the_part_or_of_another_kind_stays_as_it_is():
    parts = EqualParts("experiment")
    for content in ({"status": "RUNNING"}, ["experiment"], "experiment", None):
        before = json.dumps(content)
        parts.share(content)

        assert json.dumps(content) == before


def test_however_many_different_parts_there_are_each_stays_as_it_is():
    texts = [f'["{number}"]' for number in range(300)]

    assert shared(*texts, *texts) == [json.loads(text) for text in texts * 2]
