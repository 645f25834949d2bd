"""Measures the cost of a German number word against num2words.

    python -m tests.benchmarks.number_words [--pairs 5] [--numbers 100000]

Each number from 0 up is asked for once, in a process that has asked for none before. num2words gets a sample of the
same numbers.

    python -m tests.benchmarks.number_words ours|theirs [--numbers 100000]    measures one side once and prints JSON
"""

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

from num2words import num2words

from core.data.numerals import number_word
from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Comparison, with_range
from tests.benchmarks.measuring.processes import module, run_in_fork, run_python

_SAMPLE = 37  # num2words gets each 37th number
_WRITERS: Mapping[str, Callable[[int], str]] = {
    "ours": number_word,
    "theirs": lambda number: str(num2words(number, lang="de")),
}


def main() -> None:
    """Print cost and ratio, each the median of runs in fresh processes, in turn."""
    parser = make_parser("tests.benchmarks.number_words", __doc__)
    parser.add_argument("side", nargs="?", choices=_WRITERS)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--numbers", type=int, default=100_000)
    arguments = read_arguments(parser, tiny={"pairs": 1, "numbers": 100})
    if arguments.side is not None:
        numbers = range(0, arguments.numbers, 1 if arguments.side == "ours" else _SAMPLE)
        print(json.dumps({"microseconds": microseconds_per_word(_WRITERS[arguments.side], numbers)}))
        return
    run = run_in_fork if arguments.tiny else run_python
    options = ["--numbers", str(arguments.numbers)]
    ours, theirs = (module("tests.benchmarks.number_words", side, *options) for side in _WRITERS)
    pairs = [(run(*ours).figures, run(*theirs).figures) for _ in range(arguments.pairs)]
    compared = Comparison([our for our, _ in pairs], [their for _, their in pairs])
    for name, side in (("number_word", compared.ours), ("num2words", compared.theirs)):
        print(f"{name:<12} {with_range([figures['microseconds'] for figures in side])} microseconds of CPU a word")
    print(f"ratio        {statistics.median(compared.reversed().ratios('microseconds')):.0f}")


def microseconds_per_word(write: Callable[[int], str], numbers: Sequence[int]) -> float:
    """Measure the processor time of a word in microseconds, the first call included."""
    start = time.process_time()
    for number in numbers:
        write(number)
    return (time.process_time() - start) / len(numbers) * 1e6


if __name__ == "__main__":
    main()
