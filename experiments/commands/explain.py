"""The command explain: what a network would answer after each character of a word, as a table and a picture."""

from typing import TYPE_CHECKING

import numpy as np
from sacred import Experiment
from sacred.run import Run

from experiments.commands.answers import WORD_WIDTH, show_answers
from experiments.commands.explain_picture import BLANK, draw_explanation
from experiments.commands.network import load_network
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
        each character. For a NALU they also show the gate, for a NAC or NALU the weights with their distance from -1,
        0 and 1.
        """
        trained_run = find_trained_run(_run, run, task)
        text = read_word(word)
        network = load_network(trained_run)

        from core.serving.explain import explain as explain_word

        try:
            explanation = explain_word(
                network.estimator, word=text, alphabet=network.alphabet, language=network.language
            )
        except ValueError as error:
            raise UserError(error) from error
        show_answers(prefixes_as_shown(explanation), explanation.rows, trained_run.task.answers)
        show_arithmetic(explanation)
        print(f"drawn in {draw_explanation(explanation, trained_run)}")


def prefixes_as_shown(explanation: "Explanation") -> list[str]:
    """Return the prefixes of the word with visible blanks. A long prefix is cut at its beginning."""
    prefixes = [prefix.replace(" ", BLANK) for prefix in explanation.prefixes]
    return [prefix if len(prefix) <= WORD_WIDTH else f"…{prefix[1 - WORD_WIDTH :]}" for prefix in prefixes]


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
