import io
import sys
import threading
from contextlib import redirect_stdout

import pytest

from observers.directory.output_copy import OutputCopy


@pytest.fixture
def copy(tmp_path):
    return OutputCopy(tmp_path / "cout.txt")


def read(tmp_path):
    return (tmp_path / "cout.txt").read_text(encoding="utf-8")


def test_printed_text_goes_to_the_file_at_once_and_to_the_stream(tmp_path, copy, capsys):
    copy.begin()
    print("one")
    at_once = read(tmp_path)
    print("two", file=sys.stderr)
    sys.stdout.writelines(["three\n", "four\n"])
    copy.end()
    captured = capsys.readouterr()

    assert at_once == "one\n"
    assert read(tmp_path) == "one\ntwo\nthree\nfour\n"
    assert captured.out == "one\nthree\nfour\n"
    assert captured.err == "two\n"


def test_text_from_another_thread_goes_to_the_file_and_to_the_stream(tmp_path, copy, capsys):
    copy.begin()
    printing = threading.Thread(target=print, args=["elsewhere"])
    printing.start()
    printing.join()
    copy.end()

    assert read(tmp_path) == capsys.readouterr().out == "elsewhere\n"


def test_text_from_concurrent_threads_is_in_the_file_once(tmp_path, copy, monkeypatch):
    monkeypatch.setattr("sys.stdout", io.StringIO())
    together = threading.Barrier(4)

    def write(name):
        together.wait()
        for number in range(3000):
            sys.stdout.write(f"{name} {number}\n")

    copy.begin()
    threads = [threading.Thread(target=write, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    copy.end()
    lines = read(tmp_path).splitlines()

    assert sorted(lines) == sorted(f"{name} {number}" for name in "abcd" for number in range(3000))


def test_the_streams_are_restored(copy):
    streams = (sys.stdout, sys.stderr)
    copy.begin()
    assert sys.stdout is not streams[0]
    copy.end()

    assert (sys.stdout, sys.stderr) == streams


def test_copies_that_overlap_leave_no_wrapper_behind(tmp_path, capsys):
    streams = (sys.stdout, sys.stderr)
    copies = [OutputCopy(tmp_path / name) for name in "abc"]
    for before, after in zip([None, *copies], [*copies, None], strict=True):  # each ends when the next one has begun
        if after is not None:
            after.begin()
        print("text")
        if before is not None:
            before.end()

    assert (sys.stdout, sys.stderr) == streams
    assert capsys.readouterr().out == 4 * "text\n"
    assert [(tmp_path / name).read_text() for name in "abc"] == 3 * ["text\ntext\n"]


def test_a_copy_that_has_ended_and_was_put_back_by_other_code_is_taken_out(copy, monkeypatch, tmp_path):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    copy.begin()
    with redirect_stdout(io.StringIO()):
        copy.end()
    further = OutputCopy(tmp_path / "further")
    further.begin()
    further.end()

    assert sys.stdout is stream


def test_what_the_thread_of_another_run_prints_is_not_copied(tmp_path, copy, capsys):
    def run():
        other = OutputCopy(tmp_path / "other")
        other.begin()
        print("of the other run")
        helper = threading.Thread(target=print, args=["of any thread"])
        helper.start()
        helper.join()
        other.end()

    copy.begin()
    print("of this run")
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    copy.end()

    assert read(tmp_path) == "of this run\nof any thread\n"
    assert (tmp_path / "other").read_text() == "of the other run\nof any thread\n"
    assert capsys.readouterr().out == "of this run\nof the other run\nof any thread\n"


def test_a_stream_that_other_code_has_replaced_is_not_restored(tmp_path, copy, monkeypatch):
    monkeypatch.setattr("sys.stdout", sys.stdout)
    other, errors = io.StringIO(), sys.stderr
    copy.begin()
    sys.stdout = other
    print("to the other")
    copy.end()

    assert sys.stdout is other
    assert sys.stderr is errors
    assert other.getvalue() == "to the other\n"
    assert read(tmp_path) == ""


def test_a_stream_can_still_be_written_to_after_the_end(tmp_path, copy, capsys):
    copy.begin()
    kept = sys.stdout
    copy.end()
    kept.write("late\n")

    assert capsys.readouterr().out == "late\n"
    assert read(tmp_path) == ""


def test_characters_that_cannot_be_encoded_are_escaped(tmp_path, copy, monkeypatch):
    monkeypatch.setattr("sys.stdout", io.StringIO())
    copy.begin()
    print("fünf \ud800 5")
    copy.end()

    assert read(tmp_path) == "fünf \\ud800 5\n"


def test_a_stream_that_cannot_encode_raises_as_before(tmp_path, copy, monkeypatch):
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    copy.begin()
    with pytest.raises(UnicodeEncodeError):
        print("fünf")
    print("five")
    copy.end()

    assert "five\n" in read(tmp_path)


def test_other_attributes_are_those_of_the_stream(copy, capsys):
    stream = sys.stdout
    copy.begin()
    encoding, is_terminal = sys.stdout.encoding, sys.stdout.isatty()
    sys.stdout.flush()
    copy.end()

    assert (encoding, is_terminal) == (stream.encoding, stream.isatty())


def test_an_existing_file_is_appended_to(tmp_path):
    (tmp_path / "cout.txt").write_text("before\n")
    copy = OutputCopy(tmp_path / "cout.txt")
    copy.add("after\n")
    copy.end()

    assert read(tmp_path) == "before\nafter\n"


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path):
    with pytest.raises(IsADirectoryError):
        OutputCopy(tmp_path)


def test_text_printed_on_a_full_disk_is_written_later(small_disk, capsys):
    disk = small_disk("64k")
    copy = OutputCopy(disk / "cout.txt")
    (disk / "large").write_bytes(bytes(64 << 10))
    copy.begin()
    print("while it is full")
    written = (disk / "cout.txt").read_bytes()
    (disk / "large").unlink()
    print("when it is not")
    copy.end()

    assert written == b""
    assert read(disk) == capsys.readouterr().out == "while it is full\nwhen it is not\n"


def test_a_long_text_is_copied_as_a_whole(tmp_path):
    copy = OutputCopy(tmp_path / "cout.txt")
    copy.add("begin" + "x" * (3 << 20) + "end")
    copy.end()

    assert (tmp_path / "cout.txt").stat().st_size == (3 << 20) + 8
