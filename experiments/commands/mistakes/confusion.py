"""What was answered in place of what: classes, digits by their place, or the size of the errors."""

import collections

import numpy as np
from tabulate import tabulate

from core.network.tasks import VALUE_HEADS
from experiments.commands.mistakes.answered import Answered

_PLACES = ("units", "tens", "hundreds", "thousands", "ten thousands", "hundred thousands", "millions")
_MOST_PAIRS = 3
_BOUNDS = (0.5, 1.5, 10.5, 100.5, np.inf)


def format_confusion(answered: Answered, head: str) -> str:
    """Format the table that says most about the answers of a head, with a heading.

    Classes: true against answered. Heads that write digits: which place is wrong how often. Heads that learn from the
    value: how large the errors are.
    """
    if answered.is_class:
        return _format_classes(answered)
    if head in VALUE_HEADS:
        return f"size of the errors (exact: nearer than 0.5)\n{_format_sizes(answered)}"
    return f"words with a wrong digit, by place; most frequent: true -> answered\n{_format_digits(answered)}"


def _format_classes(answered: Answered) -> str:
    names = {each: answered.name(each) for each in sorted({0, 1, *answered.labels.tolist()})}
    rows = [
        [f"true {name}", *(int(((answered.labels == true) & (answered.answers == each)).sum()) for each in names)]
        for true, name in names.items()
    ]
    return _table(rows, [answered.task.name, *(f"answered {name}" for name in names.values())])


def _format_digits(answered: Answered) -> str:
    true, given = answered.labels, answered.answers.astype(np.int64)
    rows: list[list[object]] = []
    for place in range(len(str(max(true.max(), given.max())))):
        digits, answers = true // 10**place % 10, given // 10**place % 10
        wrong = digits != answers
        pairs = collections.Counter(zip(digits[wrong].tolist(), answers[wrong].tolist(), strict=True))
        often = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_PAIRS]
        shown = ", ".join(f"{digit} -> {answer} ({count}x)" for (digit, answer), count in often)
        name = _PLACES[place] if place < len(_PLACES) else f"10^{place}"
        rows.append([name, int(wrong.sum()), f"{wrong.mean():.3g}", shown])
    return _table(rows, ["place", "wrong", "share", "most frequent"], left=(0, 3))


def _format_sizes(answered: Answered) -> str:
    errors, rows, least = answered.errors, [], 0.0
    for bound in _BOUNDS:
        inside = (errors >= least) & (errors < bound) if bound < np.inf else ~(errors < least)
        title = f"{least:g} to {bound:g}" if bound < np.inf else f"{least:g} and more"
        rows.append([title, int(inside.sum()), f"{inside.mean():.3g}"])
        least = bound
    return _table(rows, ["error", "words", "share"])


def _table(rows: list[list[object]], headings: list[str], left: tuple[int, ...] = (0,)) -> str:
    sides = ["left" if column in left else "right" for column in range(len(headings))]
    return tabulate(rows, headings, tablefmt="plain", disable_numparse=True, colalign=sides)
