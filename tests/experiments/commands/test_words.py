"""The words of the command line and of standard input."""

import io
import sys
from types import SimpleNamespace

import pytest

from experiments.commands.words import read_word, read_words
from experiments.pipeline.errors import UserError

LISTS = [
    ("elf", ["elf"]),
    (" elf , zwölf,", ["elf", "zwölf"]),
    ("elf,,zwölf", ["elf", "", "zwölf"]),  # a row for each, so that rows and words match
    ("eine Million", ["eine Million"]),
    (("elf", "zwölf"), ["elf", "zwölf"]),
    (["elf", 12], ["elf", "12"]),  # Sacred parses 1,2 as a list
    (11, ["11"]),
]


def set_stdin(monkeypatch, content, is_terminal=False):
    stream = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: is_terminal)
    monkeypatch.setattr(sys, "stdin", stream)


@pytest.mark.parametrize(("words", "expected"), LISTS)
def test_words_are_separated_by_commas(words, expected):
    assert list(read_words(words)) == expected


@pytest.mark.parametrize("words", [",", "", " ", [], (" ", "")])
def test_an_argument_without_a_word_is_refused(words):
    with pytest.raises(UserError) as refusal:
        read_words(words)

    assert str(refusal.value).endswith(" has no word, e.g. words=elf,zwanzig")


def test_a_mapping_is_refused():
    with pytest.raises(UserError, match=r"words=\{'a': 1\} has no word"):
        read_words({"a": 1})


def test_without_the_argument_the_lines_of_standard_input_are_words(monkeypatch):
    set_stdin(monkeypatch, "ELF\r\n\nzwölf\n\xff".encode() + b"\xff\n")

    assert list(read_words(None)) == ["ELF", "", "zwölf", "ÿ�"]


def test_standard_input_is_read_on_demand(monkeypatch):
    set_stdin(monkeypatch, b"elf\nzw\xc3\xb6lf\n")
    words = iter(read_words(None))
    next(words)

    assert sys.stdin.buffer.read() == "zwölf\n".encode()


@pytest.mark.parametrize("stdin", [b"", None])
def test_missing_words_are_refused(monkeypatch, stdin):
    if stdin is None:
        monkeypatch.setattr(sys, "stdin", None)
    else:
        set_stdin(monkeypatch, stdin)
    with pytest.raises(UserError) as refusal:
        read_words(None)

    assert str(refusal.value) == "missing words=, e.g. words=elf,zwanzig, or one word per line on standard input"


def test_a_terminal_as_standard_input_is_not_waited_for(monkeypatch):
    set_stdin(monkeypatch, b"elf\n", is_terminal=True)
    with pytest.raises(UserError, match="missing words="):
        read_words(None)


@pytest.mark.parametrize(("word", "expected"), [("elf", "elf"), ("eine Million", "eine Million"), (11, "11")])
def test_one_word_is_read(word, expected):
    assert read_word(word) == expected


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (None, "missing word=, e.g. word=vierundvierzig"),
        (" ", "missing word=, e.g. word=vierundvierzig"),
        (("elf", "zwölf"), "word=('elf', 'zwölf') is not one word, e.g. word=vierundvierzig"),
        ({"elf": 11}, "word={'elf': 11} is not one word, e.g. word=vierundvierzig"),
    ],
)
def test_no_word_and_several_words_are_refused(word, message):
    with pytest.raises(UserError) as refusal:
        read_word(word)

    assert str(refusal.value) == message


@pytest.mark.parametrize("content", ["\ufeffelf\r\nzw\u00f6lf\r\n".encode(), "elf\nzw\u00f6lf".encode()])
def test_a_byte_order_mark_and_the_line_ends_of_windows_are_no_part_of_a_word(monkeypatch, content):
    set_stdin(monkeypatch, content)

    assert list(read_words(None)) == ["elf", "zwölf"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_standard_input_in_utf_16_is_refused(monkeypatch, encoding):
    set_stdin(monkeypatch, "\ufeffelf\n".encode(encoding))
    with pytest.raises(UserError, match="standard input is UTF-16, not UTF-8: convert it"):
        read_words(None)


@pytest.mark.parametrize("read", [read_word, read_words])
@pytest.mark.parametrize(("text", "shown"), [("f\udcfcnf", r"f\xfcnf"), ("\ud83d", r"\ud83d")])
def test_an_argument_that_is_not_utf_8_is_refused_with_its_bytes(read, text, shown):
    with pytest.raises(UserError) as refusal:
        read(text)

    assert str(refusal.value).startswith(f"{shown} is not UTF-8: ")
