import json
import math
import subprocess
import threading

import numpy as np
import pytest

from observers.system.files import PeriodicSync, atomic_write, copy_new, read_json, write_changed_json, write_json


def strict(path):
    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(path.read_bytes(), parse_constant=refuse)


def test_a_file_is_replaced_at_the_end_of_the_block(tmp_path):
    (tmp_path / "file").write_bytes(b"old")

    with atomic_write(tmp_path / "file") as file:
        file.write(b"new")
        assert (tmp_path / "file").read_bytes() == b"old"

    assert (tmp_path / "file").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_block_that_raises_leaves_the_old_content_and_nothing_else(tmp_path):
    (tmp_path / "file").write_bytes(b"old")

    def write_half():
        with atomic_write(tmp_path / "file") as file:
            file.write(b"new")
            raise KeyError("on purpose")

    with pytest.raises(KeyError):
        write_half()

    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_block_that_raises_creates_no_file(tmp_path):
    with pytest.raises(KeyError), atomic_write(tmp_path / "file"):
        raise KeyError("on purpose")

    assert not list(tmp_path.iterdir())


def test_a_file_with_the_longest_possible_name_is_replaced(tmp_path):
    with atomic_write(tmp_path / ("n" * 255)) as file:
        file.write(b"new")

    assert (tmp_path / ("n" * 255)).read_bytes() == b"new"


def test_written_json_is_strict(tmp_path):
    write_json(tmp_path / "file.json", {"list": [math.nan, np.float32("inf"), np.int64(7)]})

    assert strict(tmp_path / "file.json") == {"list": ["NaN", "Infinity", 7]}


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


def test_written_json_is_read_back(tmp_path):
    write_json(tmp_path / "file.json", {"words": "zweiundvierzig, fünf", "none": None, "half": "\ud800"})

    assert read_json(tmp_path / "file.json") == {"words": "zweiundvierzig, fünf", "none": None, "half": "\ud800"}


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": }', b"\xff\xfe\x00", b"[" * 100_000, b"1" * 5000])
def test_a_file_that_is_not_json_is_named_in_the_error(tmp_path, content):
    (tmp_path / "file.json").write_bytes(content)

    with pytest.raises(ValueError, match=r"file\.json is not JSON"):
        read_json(tmp_path / "file.json")


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "file.json")


def test_a_file_is_copied_and_missing_directories_are_created(tmp_path):
    (tmp_path / "source").write_bytes(b"content")

    assert copy_new(tmp_path / "source", tmp_path / "a" / "b" / "target")
    assert (tmp_path / "a" / "b" / "target").read_bytes() == b"content"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["target"]


def test_a_copy_does_not_replace_an_existing_file(tmp_path):
    (tmp_path / "source").write_bytes(b"new")
    (tmp_path / "target").write_bytes(b"old")

    assert not copy_new(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "target"]


def test_copying_a_missing_file_creates_nothing(tmp_path):
    with pytest.raises(FileNotFoundError):
        copy_new(tmp_path / "source", tmp_path / "target")

    assert not list(tmp_path.iterdir())


def test_an_error_names_the_file_and_not_the_temporary_one(tmp_path, small_disk):
    for path in (tmp_path / "nowhere" / "file.json", small_disk("64k") / "file.json"):
        with pytest.raises(OSError, match=f"'{path}'") as error:
            write_json(path, {"new": "n" * 100_000})

        assert (error.value.filename, error.value.filename2) == (str(path), None)


def test_an_error_that_is_raised_in_the_block_keeps_its_own_text(tmp_path):
    with pytest.raises(OSError, match=r"^its own text$"), atomic_write(tmp_path / "file"):
        raise OSError("its own text")


def test_a_read_only_file_system_is_told_with_the_name_of_the_file(small_disk):
    disk = small_disk("64k")
    (disk / "source").write_text("source")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    for write in (lambda: write_json(disk / "file.json", {}), lambda: copy_new(disk / "source", disk / "file.json")):
        with pytest.raises(OSError, match="Read-only") as error:
            write()

        assert str(error.value.filename) == str(disk / "file.json")


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


def test_files_are_flushed_again_and_again_although_a_flush_fails():
    calls = []
    three = threading.Event()

    def fail():
        calls.append("fail")
        raise OSError("on purpose")

    def count():
        calls.append("count")
        if calls.count("count") == 3:
            three.set()

    periodic = PeriodicSync([fail, count], seconds=0.01)
    assert three.wait(10)
    periodic.end()
    done = list(calls)

    assert done[:6] == ["fail", "count"] * 3
    assert not periodic._thread.is_alive()


def test_json_that_has_not_changed_is_not_written_again(tmp_path):
    path = tmp_path / "info.json"
    write_changed_json(path, {"a": 1})
    before = path.stat().st_ino
    write_changed_json(path, {"a": 1})
    same = path.stat().st_ino
    path.write_text('{\n  "a": 2\n}\n')
    write_changed_json(path, {"a": 1})

    assert same == before
    assert read_json(path) == {"a": 1}
    path.unlink()
    write_changed_json(path, {"a": 1})
    assert read_json(path) == {"a": 1}
