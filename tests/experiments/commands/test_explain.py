"""The command explain and its summary of the arithmetic."""

import numpy as np
import pytest
from matplotlib import image

from core.serving.explain import Explanation
from experiments.commands.explain import parts_as_shown, show_arithmetic

WORD = "elf"


def explanation(word, backwards=False, **arithmetic):
    answers = {"number": np.linspace(0, 11, len(word), dtype=np.float32)}
    return Explanation(word, backwards, answers, arithmetic)


def test_the_weights_are_summarized_by_their_distance(capsys):
    weights, gate = np.array([[-1.0], [0.02], [0.75]]), np.array([[0.1], [0.2], [0.25]])
    show_arithmetic(explanation(WORD, weights=weights, gate=gate))

    assert capsys.readouterr().out.splitlines() == [
        "gate at the end of the word: 0.250 (0 multiplies, 1 adds)",
        "3 weights, distance from -1, 0 or 1: median 0.020, largest 0.250; nearer than 0.05: 1 to -1, 1 to 0, 0 to 1",
    ]


def test_a_long_prefix_is_cut_at_its_beginning_and_blanks_are_visible():
    prefixes = parts_as_shown(explanation("eine Million" + "e" * 40))

    assert prefixes[4:6] == ["eine␣", "eine␣M"]
    assert {len(prefix) for prefix in prefixes[31:]} == {32}
    assert prefixes[-1] == "…" + "e" * 31


def test_a_long_part_that_is_read_backwards_is_cut_at_its_end():
    parts = parts_as_shown(explanation("e" * 40 + "eine Million", backwards=True))

    assert parts[:8] == ["n", "on", "ion", "lion", "llion", "illion", "Million", "␣Million"]
    assert {len(part) for part in parts[31:]} == {32}
    assert parts[-1] == "e" * 31 + "…"


@pytest.mark.slow
def test_a_word_is_explained_on_the_command_line_and_no_run_is_recorded(own_runs, run_in_process):
    before = sorted(path.name for path in (own_runs.directory / "runs").iterdir())
    done = own_runs.run("explain", "with", "run=2", "word=ZWOELF")
    answer = run_in_process(own_runs, "predict", "with", "run=2", "words=zwölf").stdout.splitlines()[1]

    assert (done.returncode, done.stderr) == (0, "")
    _, *rows, drawn = done.stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["f", "lf", "ölf", "wölf", "zwölf"]  # parity reads backwards
    assert rows[-1].split() == answer.split()[:3]
    assert drawn == "drawn in runs/2/explain/zwölf.png"
    assert image.imread(own_runs.directory / "runs" / "2" / "explain" / "zwölf.png").shape[0] > 100
    assert sorted(path.name for path in (own_runs.directory / "runs").iterdir()) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["word=elf"], "missing run=<id> of a run"),
        (["run=1"], "missing word=, e.g. word=vierundvierzig"),
        (["run=1", "word= "], "missing word=, e.g. word=vierundvierzig"),
        (["run=1", "word=1,2"], "word=[1, 2] is not one word"),
        (["run=1", "words=elf"], "did you mean word?"),
    ],
)
def test_a_request_without_a_run_or_a_word_is_refused_before_tensorflow_is_imported(
    two_runs, run_in_process, monkeypatch, arguments, message
):
    monkeypatch.setattr("experiments.commands.network.import_tensorflow", None)
    done = run_in_process(two_runs, "explain", "with", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert message in line


@pytest.mark.slow
def test_an_unreadable_word_is_refused(two_runs, run_in_process):
    done = run_in_process(two_runs, "explain", "with", "run=1", "word=xyz")

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert "word=xyz cannot be read" in line
