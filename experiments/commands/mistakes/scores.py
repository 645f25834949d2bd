"""The score of a network, beside that of an answer that is always the same."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from tabulate import tabulate

from core.data.draw import Integers
from experiments.commands.mistakes.answered import Answered

_CLOSE = 1e-5  # relative; a recorded result is a sum in another order


def measure(answered: Answered, answers: npt.NDArray) -> Mapping[str, float]:
    """Measure answers to the words as a training does, by the names of the measures.

    Args:
        answered: words and right answers.
        answers: other answers to its words, or its own, [examples].
    """
    exact = float(answered.task.is_right(answers, answered.numbers).mean())
    if answered.is_class:
        return {answered.task.result: exact}
    errors = np.abs(answers.astype(np.float64) - answered.numbers)
    return {
        "mean_absolute_error": float(errors.mean()),
        "exact": exact,
        "relative_error": float((errors / np.maximum(answered.numbers, 1)).mean()),
    }


def choose_constant(answered: Answered, learned: Integers) -> tuple[int, str]:
    """Choose the best answer that is always the same, and describe it.

    Args:
        answered: says which task it is.
        learned: the numbers of training, int64 [examples].
    """
    labels = answered.task.label(learned)
    if not answered.is_class:
        median = int(np.median(labels))
        return median, f"always {median}, the median of training"
    classes, counts = np.unique(labels, return_counts=True)
    most = int(classes[counts.argmax()])
    return most, f"always {answered.name(most)}, the more frequent answer in training"


def format_scores(answered: Answered, learned: Integers, recorded: float | None) -> str:
    """Format a table with the measures of the network and of the constant answer.

    Args:
        answered: the answers of the network.
        learned: the numbers of training, int64 [examples].
        recorded: the result that the run has on the same words, if it has one.
    """
    constant, description = choose_constant(answered, learned)
    rows = {
        "the network": measure(answered, answered.answers),
        description: measure(answered, np.full(len(answered.numbers), constant)),
    }
    titles = [name.replace("_", " ") for name in rows["the network"]]
    cells = [[name, *(f"{value:.4g}" for value in measures.values())] for name, measures in rows.items()]
    table = tabulate(cells, ["", *titles], tablefmt="plain", disable_numparse=True, colalign=_align(len(titles)))
    own = rows["the network"][answered.task.result]
    if recorded is None:
        return table
    if np.isclose(own, recorded, rtol=_CLOSE, atol=_CLOSE):
        return f"{table}\nthe run recorded the same {answered.task.result.replace('_', ' ')}"
    return f"{table}\nbut the run recorded {recorded:.4g}: another version of the code drew its words or trained it"


def _align(titles: int) -> list[str]:
    return ["left", *["right"] * titles]
