"""Measures the input of training alone, against an input that a Python generator feeds.

    python -m tests.benchmarks.pipeline [--pairs 5] [--seconds 5] [--sizes 1000000 10000000]

Both sides make batches of 64 words of 0..999, in turn. Then it measures how much memory the input of a million and of
ten million examples of 0..99,999,999 takes. Three minutes.

    python -m tests.benchmarks.pipeline ours|generator DATA_SIZE    measures one side once and prints JSON
"""

import json
import resource
import time
from collections.abc import Sequence
from typing import Any

from experiments.pipeline.tensorflow import import_training
from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Comparison, with_range
from tests.benchmarks.measuring.processes import Run, module, run_in_fork, run_python
from tests.benchmarks.peers.generator_estimator import make_generator_dataset
from tests.benchmarks.peers.job import Job

_BATCH, _WARM_UP, _DATA_SIZE = 64, 200, 1000
_SIDES = ("ours", "generator")


def main() -> None:
    """Measure one side, or all."""
    parser = make_parser("tests.benchmarks.pipeline", __doc__)
    parser.add_argument("side", nargs="?", choices=_SIDES)
    parser.add_argument("data_size", nargs="?", type=int, default=_DATA_SIZE)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each side in a pair")
    parser.add_argument("--warm-up", type=int, default=_WARM_UP, help="batches before each measurement")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10**6, 10**7], help="numbers of examples in memory")
    tiny = {"pairs": 1, "seconds": 0.01, "warm_up": 1, "sizes": [2000]}
    arguments = read_arguments(parser, tiny)
    if arguments.side is not None:
        measure_once(arguments.side, arguments.data_size, arguments.seconds, arguments.warm_up)
        return
    run = run_in_fork if arguments.tiny else run_python
    options = ["--seconds", str(arguments.seconds), "--warm-up", str(arguments.warm_up)]
    compare(run, arguments.pairs, options)
    measure_memory(run, arguments.sizes, options)


def compare(run: Run, pairs: int, options: Sequence[str]) -> None:
    """Print the medians of both sides and their ratio."""
    sides = [module("tests.benchmarks.pipeline", side, str(_DATA_SIZE), *options) for side in _SIDES]
    rounds = [[run(*side).figures for side in sides] for _ in range(pairs)]
    compared = Comparison([ours for ours, _ in rounds], [theirs for _, theirs in rounds])
    for name in ("examples_per_second", "examples_per_cpu_second"):
        ours, theirs = compared.medians(name)
        ratio = with_range(compared.ratios(name))
        print(f"{name.replace('_', ' ')}: {ours:.0f}, fed by a generator {theirs:.0f}, ratio {ratio}")


def measure_memory(run: Run, sizes: Sequence[int], options: Sequence[str]) -> None:
    """Print the memory of inputs of several sizes."""
    for data_size in sizes:
        figures = run(*module("tests.benchmarks.pipeline", "ours", str(data_size), *options)).figures
        print(
            f"{data_size} examples: {figures['peak_memory'] / 2**30:.2f} GiB at most, TensorFlow included;"
            f" ready after {figures['seconds_to_first']:.1f} s"
        )


def measure_once(side: str, data_size: int, seconds: float, warm_up: int) -> None:
    """Print the figures of one side."""
    import_training()
    start = time.perf_counter()
    dataset = _make_dataset(side, data_size)
    take_batches(dataset, 1)
    figures = {"seconds_to_first": time.perf_counter() - start}
    wall = time.perf_counter()
    take_batches(dataset, warm_up)
    batches = max(1, int(warm_up * seconds / (time.perf_counter() - wall)) if data_size == _DATA_SIZE else 1)
    wall, cpu = time.perf_counter(), time.process_time()
    take_batches(dataset, batches)
    figures["examples_per_second"] = batches * _BATCH / (time.perf_counter() - wall)
    figures["examples_per_cpu_second"] = batches * _BATCH / (time.process_time() - cpu)
    figures["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(figures))


def take_batches(dataset: Any, count: int) -> None:
    """Take batches as a graph does, without Python in between."""
    import numpy as np

    dataset.take(count).reduce(np.int64(0), lambda taken, *_: taken + 1).numpy()


def _make_dataset(side: str, data_size: int) -> Any:
    max_number = 999 if data_size == _DATA_SIZE else 10**8 - 1
    job = Job(hidden=1, batch=_BATCH, max_number=max_number, data_size=data_size, threads=1, seconds=0.0)
    if side == "ours":
        return job.examples().training_input_fn(job.training_plan(), start_step=0)()
    words, even = job.words()
    return make_generator_dataset(words, even, _BATCH)


if __name__ == "__main__":
    main()
