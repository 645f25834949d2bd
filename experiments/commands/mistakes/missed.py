"""The list of the words that a network misses."""

from tabulate import tabulate

from experiments.commands.answers import format_value
from experiments.commands.mistakes.answered import Answered
from experiments.pipeline.errors import UserError


def read_show(show: object) -> int:
    """Read how many missed words are listed.

    Raises:
        UserError: if it is not a whole number.
    """
    if isinstance(show, bool) or not isinstance(show, int) or show < 0:
        raise UserError(f"show={show} is not a whole number of missed words to list, 0 or more")
    return show


def format_missed(answered: Answered, show: int) -> str:
    """Format a table of the words that are missed, the worst first, with a heading."""
    missed = answered.missed
    if not len(missed):
        return "no word is missed"
    order = "the most confident first" if answered.is_class else "the largest error first"
    heading = f"missed: {len(missed)} of {len(answered.numbers)} words, {order}"
    rows = [_row(answered, index) for index in missed[:show].tolist()]
    titles = ["number", "word", "true", "answered"] if answered.is_class else ["number", "word", "answered", "error"]
    if answered.probability is not None:
        titles.append(answered.task.answers["probability"])
    table = tabulate(
        rows, titles, "plain", disable_numparse=True, colalign=["right", "left", *["right"] * (len(titles) - 2)]
    )
    rest = len(missed) - len(rows)
    more = f"... and {rest} more: show={len(missed)}" if rows and rest else ""
    return "\n".join(filter(None, [heading, table if rows else "", more]))


def _row(answered: Answered, index: int) -> list[str]:
    number, word, answer = int(answered.numbers[index]), answered.words[index], answered.answers[index].item()
    if answered.is_class:
        row = [str(number), word, answered.name(int(answered.labels[index])), answered.name(answer)]
    else:
        row = [str(number), word, format_value(answer), format_value(answer - number)]
    return row if answered.probability is None else [*row, f"{answered.probability[index]:.4g}"]
