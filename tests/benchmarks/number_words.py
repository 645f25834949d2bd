"""Measures what a German number word costs: `python -m tests.benchmarks.number_words`.

Each of the numbers below 100,000 is asked for once, in a process that has asked for none before; num2words, on a
sample of the same numbers, is the peer.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence

from num2words import num2words

from core.numerals import number_word
from tests.benchmarks.pairs import make_parser

_RUNS = 5


def microseconds_a_word(write: Callable[[int], str], numbers: Sequence[int]) -> float:
    """CPU time of this process for a word, in microseconds, the first call included."""
    start = time.process_time()
    for number in numbers:
        write(number)
    return (time.process_time() - start) / len(numbers) * 1e6


def ours(_: int) -> float:
    """Cost of a word here."""
    return microseconds_a_word(number_word, range(100_000))


def theirs(_: int) -> float:
    """Cost of a word in num2words."""
    return microseconds_a_word(lambda number: str(num2words(number, lang="de")), range(0, 100_000, 37))


def main() -> None:
    """Print cost and ratio, each the median of runs in fresh processes, in turn."""
    make_parser("tests.benchmarks.number_words", __doc__).parse_args()
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as fresh:
        pairs = [(fresh.apply(ours, (run,)), fresh.apply(theirs, (run,))) for run in range(_RUNS)]
    for name, values in (("number_word", [pair[0] for pair in pairs]), ("num2words", [pair[1] for pair in pairs])):
        spread = f"{min(values):.2f} to {max(values):.2f}"
        print(f"{name:<12} {statistics.median(values):8.2f} microseconds of CPU a word  ({spread}, {_RUNS} runs)")
    print(f"ratio        {statistics.median(b / a for a, b in pairs):8.0f}")


if __name__ == "__main__":
    main()
