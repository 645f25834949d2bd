import json
import math
import threading

import numpy as np
import pytest

from observers.files import attempt, copy_new, read_json, replaced, spelled, unspelled, write_json


def strict(path):
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(path.read_bytes(), parse_constant=refuse)


def test_a_file_is_replaced_when_the_block_ends(tmp_path):
    (tmp_path / "file").write_bytes(b"old")

    with replaced(tmp_path / "file") as file:
        file.write(b"new")
        assert (tmp_path / "file").read_bytes() == b"old"

    assert (tmp_path / "file").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_block_that_raises_leaves_the_old_content_and_nothing_else(tmp_path):
    (tmp_path / "file").write_bytes(b"old")

    def write_half():
        with replaced(tmp_path / "file") as file:
            file.write(b"new")
            raise KeyError("on purpose")

    with pytest.raises(KeyError):
        write_half()

    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_block_that_raises_makes_no_file(tmp_path):
    with pytest.raises(KeyError), replaced(tmp_path / "file"):
        raise KeyError("on purpose")

    assert not list(tmp_path.iterdir())


def test_a_name_of_the_greatest_length_can_be_replaced(tmp_path):
    with replaced(tmp_path / ("n" * 255)) as file:
        file.write(b"new")

    assert (tmp_path / ("n" * 255)).read_bytes() == b"new"


def test_what_json_has_no_word_for_is_spelled(tmp_path):
    numbers = [math.nan, math.inf, -math.inf, 0.1]
    write_json(tmp_path / "file.json", {"list": numbers, "deep": {"er": [{"est": math.nan}]}, "tuple": (math.inf,)})
    written = strict(tmp_path / "file.json")

    assert written["list"] == ["NaN", "Infinity", "-Infinity", 0.1]
    assert written["deep"] == {"er": [{"est": "NaN"}]}
    assert "NaN" not in str(written["tuple"])
    assert "Infinity" in str(written["tuple"])


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
def test_numbers_of_numpy_become_pythons(tmp_path, number, value):
    write_json(tmp_path / "file.json", {"number": number})

    assert strict(tmp_path / "file.json")["number"] == value


def test_what_cannot_be_flattened_takes_nothing_else_with_it(tmp_path):
    class Torn:
        def __getstate__(self):
            raise ValueError("on purpose")

        def __str__(self):
            return "torn"

    write_json(tmp_path / "file.json", {"good": 1, "deep": {"good": 2, "bad": Torn()}})

    assert strict(tmp_path / "file.json") == {"good": 1, "deep": {"good": 2, "bad": "torn"}}


def test_a_dictionary_that_another_thread_changes_is_written(tmp_path):
    content, ended = {str(number): number for number in range(1000)}, threading.Event()

    def change():
        while not ended.is_set():
            content["new"] = 1
            del content["new"]

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for _ in range(20):
            write_json(tmp_path / "file.json", content)
            assert strict(tmp_path / "file.json")["999"] == 999
    finally:
        ended.set()
        changing.join()


def test_what_is_written_is_read(tmp_path):
    write_json(tmp_path / "file.json", {"words": "zweiundvierzig, fünf", "none": None, "half": "\ud800"})

    assert read_json(tmp_path / "file.json") == {"words": "zweiundvierzig, fünf", "none": None, "half": "\ud800"}


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": }', b"\xff\xfe\x00", b"[" * 100_000, b"1" * 5000])
def test_a_file_that_is_no_json_is_named(tmp_path, content):
    (tmp_path / "file.json").write_bytes(content)

    with pytest.raises(ValueError, match=r"file\.json is no JSON"):
        read_json(tmp_path / "file.json")


def test_a_file_that_is_missing_is_an_error_of_the_disk(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "file.json")


def test_a_file_is_copied_with_the_directories_that_it_needs(tmp_path):
    (tmp_path / "source").write_bytes(b"content")

    assert copy_new(tmp_path / "source", tmp_path / "a" / "b" / "target")
    assert (tmp_path / "a" / "b" / "target").read_bytes() == b"content"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["target"]


def test_no_file_is_copied_over_another(tmp_path):
    (tmp_path / "source").write_bytes(b"new")
    (tmp_path / "target").write_bytes(b"old")

    assert not copy_new(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]


def test_a_source_that_is_missing_leaves_nothing(tmp_path):
    with pytest.raises(FileNotFoundError):
        copy_new(tmp_path / "source", tmp_path / "target")

    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_old_content_and_no_part_of_a_copy(tmp_path, small_disk):
    disk = small_disk("64k")
    (tmp_path / "source").write_bytes(bytes(100_000))
    write_json(disk / "file.json", {"old": 1})

    with pytest.raises(OSError, match="No space left"):
        write_json(disk / "file.json", {"new": "n" * 100_000})
    with pytest.raises(OSError, match="No space left"):
        copy_new(tmp_path / "source", disk / "target")

    assert read_json(disk / "file.json") == {"old": 1}
    assert [path.name for path in disk.iterdir()] == ["file.json"]


@pytest.mark.parametrize(("number", "word"), [(math.inf, "Infinity"), (-math.inf, "-Infinity")])
def test_an_infinity_is_spelled_and_read(number, word):
    assert spelled(number) == word
    assert unspelled(word) == number


def test_nan_is_spelled_and_read_and_anything_else_is_as_it_is():
    assert spelled(math.nan) == "NaN"
    assert math.isnan(unspelled("NaN"))
    assert unspelled("nan") == "nan"
    assert unspelled([1]) == [1]


def test_what_fails_is_said_in_a_line():
    said: list[str] = []

    def fail():
        raise ValueError("on purpose")

    assert not attempt("this", fail, said.append)
    assert attempt("that", lambda: None, said.append)
    assert said == ["this: on purpose"]
