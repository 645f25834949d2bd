import gc
import json
import math

import pytest

from observers.system.untrusted.json_files import garbage_collection_paused, read_json_inside


def read(tmp_path, text):
    (tmp_path / "file.json").write_bytes(text.encode())
    return read_json_inside(tmp_path, "file.json")


@pytest.mark.parametrize(
    "value", [2**53 + 1, 2**64 - 1, 2**64, -(2**63) - 1, 10**30, 1e300, 0.30000000000000004, "\ud800", "ü\0", None]
)
def test_a_value_is_read_exactly(tmp_path, value):
    assert read(tmp_path, json.dumps({"a": [value]})) == {"a": [value]}


def test_numbers_that_are_not_finite_are_read(tmp_path):
    nan, infinite, least = read(tmp_path, "[NaN, Infinity, -Infinity]")

    assert (math.isnan(nan), infinite, least) == (True, math.inf, -math.inf)


def test_lists_are_read_up_to_250_levels(tmp_path):
    assert read(tmp_path, "[" * 250 + "]" * 250)
    assert len(read(tmp_path, json.dumps([[]] * 1000))) == 1000
    with pytest.raises(ValueError, match=r"^file.json is nested deeper than 250 levels$"):
        read(tmp_path, "[" * 251 + "]" * 251)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"a":' * 100_000, '"\x00', "\x1b]0;title\x07", "9" * 5000])
def test_what_is_not_json_is_refused_in_one_line(tmp_path, text):
    with pytest.raises(ValueError, match=r"^file.json is not JSON: ") as refused:
        read(tmp_path, text)

    assert str(refused.value).isprintable()


def test_a_payload_of_jsonpickle_is_plain_data(tmp_path):
    payload = {"py/reduce": [{"py/function": "os.system"}, {"py/tuple": [f"touch {tmp_path}/executed"]}]}

    assert read(tmp_path, json.dumps(payload)) == payload
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


def test_fractions_of_many_digits_take_no_second_look(tmp_path, monkeypatch):
    text = "[0.1234567890123456789, 1.00000000000000000001, -0.0012345678901234567]"
    expected = json.loads(text)
    monkeypatch.setattr("observers.system.untrusted.json_files.json.loads", None)

    assert repr(read(tmp_path, text)) == repr(expected)


@pytest.mark.parametrize(
    "number", ["12345678901234567890", "-1" + "0" * 40, "1" * 25 + ".5", "0.5, 123456789012345678901"]
)
def test_long_integers_stay_whole_beside_fractions(tmp_path, number):
    text = f"[0.1234567890123456789123456789, {number}]"

    assert repr(read(tmp_path, text)) == repr(json.loads(text))


def test_garbage_is_collected_again_after_a_pause():
    with garbage_collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="invalid literal"), garbage_collection_paused():
        int("text")
    assert gc.isenabled()


def test_a_pause_within_another_does_not_end_it():
    with garbage_collection_paused():
        with garbage_collection_paused():
            pass
        assert not gc.isenabled()
