"""Answers of a network, without a network."""

import numpy as np

from core.data.numerals import number_word
from core.network.tasks import TASKS
from experiments.commands.mistakes.answered import Answered


def answered(task, numbers, answers, probability=None):
    """Make answers to the German words of numbers."""
    return Answered(
        TASKS[task],
        np.array(numbers, np.int64),
        [number_word(number) for number in numbers],
        np.array(answers),
        None if probability is None else np.array(probability, np.float32),
    )
