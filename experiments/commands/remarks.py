"""Adds to the answer for each word what is known of it: its number, the true answer, and a remark."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.network.tasks import Task
from experiments.commands.answers import REMARK
from experiments.commands.trained_run import TrainedRun

if TYPE_CHECKING:
    from core.serving.trained_network import TrainedNetwork

_NUMBER, _ANSWER = "true_number", "true_answer"


def headings_with_truth(task: Task) -> dict[str, str]:
    """Return the column titles of the answers and of what is added to them, by name."""
    truth = {_NUMBER: "true number", _ANSWER: f"true {task.name}"}
    if task.name == "number":
        del truth[_ANSWER]  # the same
    return {**task.answers, **truth, REMARK: REMARK}


def add_truth(
    words: Iterable[str], answers: Iterable[Mapping[str, float]], network: "TrainedNetwork", trained_run: TrainedRun
) -> Iterator[Mapping[str, float | str | None]]:
    """Add to each answer the true number and the true answer, None where they are not known, and a remark.

    The remark says that the network is wrong, that the number is outside of the range of training, that the number
    of the word is not known, or why the word is unreadable. Words and answers are read on demand.

    Args:
        words: as people write them.
        answers: of the network.
        network: of the run.
        trained_run: the run.
    """
    from core.serving.input_fn import why_unreadable
    from core.serving.numbers import LARGEST_KNOWN, NumberReader

    task, reader = trained_run.task, NumberReader(network.language, network.encoder.alphabet.letters)
    smallest, largest = trained_run.config["min_number"], trained_run.config["max_number"]
    unknown = "number not known" + (f" among 0..{LARGEST_KNOWN}" if reader.is_bounded else "")
    for word, answer in zip(words, answers, strict=True):
        number = reader.read(word)
        remarks = []
        if not answer["readable"]:
            remarks.append(why_unreadable(word, network.encoder, network.language) or "unreadable")
        elif number is None:
            remarks.append(unknown)
        elif not task.is_right(np.array([answer[task.name]]), np.array([number]))[0]:
            remarks.append("wrong")
        if number is not None and not smallest <= number <= largest:
            remarks.append(f"outside of {smallest}..{largest}")
        yield {
            **answer,
            _NUMBER: None if number is None else str(number),
            _ANSWER: None if number is None else str(task.label(np.array([number]))[0]),
            REMARK: ", ".join(remarks),
        }
