"""The table of words and answers."""

import pytest

from experiments.commands.answers import show_answers

HEADINGS = {"parity": "parity", "probability": "probability of even"}


def test_every_word_has_a_row_and_unreadable_words_have_dashes(capsys):
    answers: list[dict[str, float | str | None]] = [
        {"parity": 0, "probability": 0.25, "readable": 1},
        {"parity": -1, "probability": -1.0, "readable": 0},
        {"parity": 1, "probability": 0.123456789, "readable": 1},
    ]
    show_answers(["elf", "x" * 40, "zwölf"], answers, HEADINGS)
    printed = capsys.readouterr()

    assert printed.out.splitlines() == [
        "word                              parity  probability of even",
        "elf                                    0                 0.25",
        f"{'x' * 40}       -                    -",
        "zwölf                                  1             0.123457",
    ]
    assert printed.err == "unreadable words: 1\n"


def test_text_is_shown_as_it_is_and_what_is_missing_is_a_dash(capsys):
    answers: list[dict[str, float | str | None]] = [
        {"number": 12, "truth": "11", "remark": "wrong", "readable": 1},
        {"number": 12, "truth": None, "remark": "", "readable": 1},
        {"number": -1, "truth": "13", "remark": "empty", "readable": 0},
    ]
    show_answers(["elf", "x", ""], answers, {"number": "number", "truth": "true", "remark": "remark"})

    assert [line.lstrip() for line in capsys.readouterr().out.splitlines()] == [
        f"{'word':32}  number  true  remark",
        f"{'elf':32}      12    11  wrong",
        f"{'x':32}      12     -",
        "-    13  empty",
    ]


def test_a_row_is_printed_before_the_next_answer_is_made(capsys):
    def answer():
        yield {"parity": 0, "probability": 0.25, "readable": 1}
        assert "elf" in capsys.readouterr().out
        yield {"parity": 1, "probability": 0.75, "readable": 1}

    show_answers(["elf", "zwölf"], answer(), HEADINGS)


def test_a_missing_answer_is_an_error():
    with pytest.raises(ValueError, match="shorter"):
        show_answers(["elf", "zwölf"], [{"parity": 0, "probability": 0.25, "readable": 1}], HEADINGS)


def test_characters_that_would_control_the_terminal_are_shown_by_their_codes(capsys):
    """Invisible letters of a word, such as the soft hyphen, stay as they were written."""
    words = ["elf\x1b[2J\0", "\u202eelf\u2069", "f\u00fcnf\u00adund"]
    show_answers(words, [{"number": 1, "readable": 1}] * 3, {"number": "number"})

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == [
        r"elf\x1b[2J\x00",
        r"\u202eelf\u2069",
        "f\u00fcnf\u00adund",
    ]
