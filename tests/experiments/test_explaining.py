"""The picture of what a network holds, and the table beside it."""

import numpy as np
import pytest
from matplotlib import image

from core.explain import Explanation
from core.tasks import TASKS
from experiments.asking import Asked
from experiments.explaining import draw_explanation, show_arithmetic, shown_prefixes
from experiments.settings import RefusedError

WORD = "elf"


@pytest.fixture
def asked(tmp_path):
    directory = tmp_path / "7"
    directory.mkdir()
    return Asked(directory, directory / "model", {"task": "number", "head": "nalu", "hidden": 4}, "uuid", "COMPLETED")


def explanation(word, **arithmetic):
    return Explanation(word, {"number": np.linspace(0, 11, len(word), dtype=np.float32)}, arithmetic)


def test_a_picture_has_a_panel_for_all_that_is_known(asked):
    headings = TASKS["number"].answers
    weights = {"weights": np.full((4, 1), 0.9)}
    gate = {"gate": np.full((3, 1), 0.5)}
    shapes = [
        image.imread(draw_explanation(explanation(WORD, **arithmetic), asked, headings)).shape
        for arithmetic in ({}, weights, {**weights, **gate})
    ]

    assert shapes[0][1] < shapes[1][1] == shapes[2][1]
    assert shapes[0][0] == shapes[1][0] < shapes[2][0]
    assert [path.name for path in (asked.directory / "explain").iterdir()] == ["elf.png"]


def test_words_have_pictures_of_their_own_whatever_their_letters(asked):
    words = ["eine Million", "eine_Million", "einemillion", "e" * 300, "e" * 299 + "f", "a/b"]
    paths = {draw_explanation(explanation(word), asked, {"number": "number"}) for word in words}

    assert len(paths) == len(words)
    assert {path.parent for path in paths} == {asked.directory / "explain"}


def test_the_weights_are_told_by_their_distance(capsys):
    weights, gate = np.array([[-1.0], [0.02], [0.75]]), np.array([[0.1], [0.2], [0.25]])
    show_arithmetic(explanation(WORD, weights=weights, gate=gate))

    assert capsys.readouterr().out.splitlines() == [
        "gate at the end of the word: 0.250 (0 multiplies, 1 adds)",
        "3 weights, distance from -1, 0 or 1: median 0.020, largest 0.250; nearer than 0.05: 1 to -1, 1 to 0, 0 to 1",
    ]


def test_of_much_that_has_been_read_the_end_is_shown_and_blanks_are_seen():
    prefixes = shown_prefixes(explanation("eine Million" + "e" * 40))

    assert prefixes[4:6] == ["eine␣", "eine␣M"]
    assert {len(prefix) for prefix in prefixes[31:]} == {32}
    assert prefixes[-1] == "…" + "e" * 31


def test_a_value_that_is_not_finite_is_drawn_without_a_word(asked, recwarn):
    seen = Explanation("字 b", {"number": np.array([1.0, np.inf, np.nan])}, {})
    draw_explanation(seen, asked, {"number": "number"})

    assert not recwarn.list


def test_a_directory_that_takes_no_picture_is_refused(asked):
    (asked.directory / "explain").write_text("")
    with pytest.raises(RefusedError, match="cannot be written"):
        draw_explanation(explanation(WORD), asked, {"number": "number"})


@pytest.mark.slow
def test_a_word_is_explained_on_the_command_line_and_no_run_is_recorded(two_runs):
    before = sorted(path.name for path in (two_runs.directory / "runs").iterdir())
    done = two_runs.run("explain", "with", "run=2", "word=ZWOELF")
    answer = two_runs.run("predict", "with", "run=2", "words=zwölf").stdout.splitlines()[1]

    assert (done.returncode, done.stderr) == (0, "")
    _, *rows, drawn = done.stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["z", "zw", "zwö", "zwöl", "zwölf"]
    assert rows[-1] == answer
    assert drawn == "drawn in runs/2/explain/zwölf.png"
    assert image.imread(two_runs.directory / "runs" / "2" / "explain" / "zwölf.png").shape[0] > 100
    assert sorted(path.name for path in (two_runs.directory / "runs").iterdir()) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["word=elf"], "run=<id> names a run"),
        (["run=1"], "which word? word=vierundvierzig says"),
        (["run=1", "word= "], "which word?"),
        (["run=1", "word=xyz"], "word=xyz cannot be read"),
        (["run=1", "words=elf"], "did you mean word?"),
    ],
)
def test_what_cannot_be_explained_takes_a_line(two_runs, arguments, message):
    done = two_runs.run("explain", "with", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert message in line
