"""The command explain: what a network would answer after each character of a word, as a table and a picture."""

from typing import TYPE_CHECKING

import numpy as np
from sacred import Experiment
from sacred.run import Run

from experiments.commands.answers import WORD_WIDTH, show_answers
from experiments.commands.network import load_network
from experiments.commands.pictures.explanation import BLANK, draw_explanation
from experiments.commands.pictures.files import show_picture
from experiments.commands.trained_run import find_trained_run
from experiments.commands.words import read_word
from experiments.pipeline.errors import UserError

if TYPE_CHECKING:
    from core.serving.explain import Explanation

_NEAR = 0.05  # a weight that is nearer to -1, 0 or 1 counts as settled


def add_explain(experiment: Experiment) -> None:
    """Give an experiment the command explain."""

    @experiment.command(unobserved=True)
    def explain(_run: Run, task: str, run: str | int | None = None, word: object = None) -> None:
        """Show how the network of a run reads a word: explain with run=<id> word=elf.

        A table and the picture runs/<id>/explain/<word>.png show what the network would answer if the word ended after
        each character. The picture also shows how the head reads: for `places` the digit, place and scale at each
        letter, for `codebook` and `product` what each letter adds. For an arithmetic cell both show the gate, and the
        weights with their distance from -1, 0 and 1.
        """
        trained_run = find_trained_run(_run, run, task)
        text = read_word(word)
        network = load_network(trained_run)

        from core.serving.explain import explain as explain_word

        try:
            explanation = explain_word(network, text)
        except ValueError as error:
            raise UserError(error) from error
        show_answers(parts_as_shown(explanation), explanation.rows, trained_run.task.answers)
        show_arithmetic(explanation)
        show_picture(lambda: draw_explanation(explanation, trained_run))


def parts_as_shown(explanation: "Explanation") -> list[str]:
    """Return what the network has read after each character, with visible blanks; a long part is cut."""
    parts = [part.replace(" ", BLANK) for part in explanation.parts]
    if explanation.backwards:
        return [part if len(part) <= WORD_WIDTH else f"{part[: WORD_WIDTH - 1]}…" for part in parts]
    return [part if len(part) <= WORD_WIDTH else f"…{part[1 - WORD_WIDTH :]}" for part in parts]


def show_arithmetic(explanation: "Explanation") -> None:
    """Print the gate after the last character, and how near the weights are to -1, 0 and 1."""
    if "gate" in explanation.arithmetic:
        gate = float(explanation.arithmetic["gate"][-1, 0])
        print(f"gate at the end of the word: {gate:.3f} (0 multiplies, 1 adds)")
    if "weights" in explanation.arithmetic:
        weights, distances = explanation.arithmetic["weights"], explanation.distances
        near = [f"{int((np.abs(weights - target) < _NEAR).sum())} to {target}" for target in (-1, 0, 1)]
        print(
            f"{weights.size} weights, distance from -1, 0 or 1: median {np.median(distances):.3f},"
            f" largest {distances.max():.3f}; nearer than {_NEAR}: {', '.join(near)}"
        )
