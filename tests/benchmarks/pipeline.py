"""Measures the input of training alone, against one that a Python generator feeds.

    python -m tests.benchmarks.pipeline

Batches of 64 words of 0..999, of each side in turn, and what the input of a million and of ten million examples of
0..99,999,999 takes in memory. Three minutes.

    python -m tests.benchmarks.pipeline ours|generator DATA_SIZE    measures once, and prints JSON
"""

import json
import resource
import time
from typing import Any

import numpy as np

from experiments.quiet import import_tensorflow
from tests.benchmarks.pairs import compare, make_parser, measure
from tests.benchmarks.peers.generator_estimator import fed_by_generator

_MODULE = "tests.benchmarks.pipeline"
_BATCH, _WARM_UP, _SECONDS = 64, 200, 5.0
_PAIRS = 5


def main() -> None:
    """Print what is asked for: one measurement, or all."""
    parser = make_parser(_MODULE, __doc__)
    parser.add_argument("side", nargs="?", choices=["ours", "generator"])
    parser.add_argument("data_size", nargs="?", type=int, default=1000)
    asked = parser.parse_args()
    if asked.side is None:
        measure_all()
    else:
        measure_once(asked.side, asked.data_size)


def measure_all() -> None:
    """Print the medians and their ratio, and the memory."""
    [compared] = compare([_MODULE, "ours", "1000"], [[_MODULE, "generator", "1000"]], _PAIRS)
    for name in ("examples_per_second", "examples_per_cpu_second"):
        ours, theirs = compared.medians(name)
        print(f"{name.replace('_', ' ')}: {ours:.0f}, fed by a generator {theirs:.0f}, ratio {compared.ratio(name)}")
    for data_size in (10**6, 10**7):
        figures = measure([_MODULE, "ours", str(data_size)])
        print(
            f"{data_size} examples: {figures['peak_memory'] / 2**30:.2f} GiB at most, TensorFlow included;"
            f" ready after {figures['seconds_to_first']:.1f} s"
        )


def measure_once(side: str, data_size: int) -> None:
    """Print what one side takes in."""
    import_tensorflow()
    from core.characters import make_alphabet
    from core.examples import make_examples, plan_splits
    from core.inputs import make_training_input_fn
    from core.tasks import TASKS

    start = time.perf_counter()
    splits = plan_splits(
        min_number=0,
        max_number=999 if data_size == 1000 else 10**8 - 1,
        data_size=data_size,
        validation_fraction=0.2,
        test_fraction=0.2,
        extrapolation_max=None,
        extrapolation_size=1,
    )
    train = make_examples(language="de", seed=1, splits=splits, cover_parts=False)["train"]
    alphabet = make_alphabet(train.words)
    if side == "ours":
        dataset = make_training_input_fn(
            train,
            label_name="parity",
            label=TASKS["parity"].label,
            alphabet=alphabet,
            batch_size=_BATCH,
            seed=1,
            start_step=0,
        )()
    else:
        dataset = fed_by_generator(list(train.words), TASKS["parity"].label(train.numbers).tolist(), _BATCH)
    take_in(dataset, 1)
    figures = {"seconds_to_first": time.perf_counter() - start}
    wall = time.perf_counter()
    take_in(dataset, _WARM_UP)
    batches = int(_WARM_UP * _SECONDS / (time.perf_counter() - wall)) if data_size == 1000 else 1
    wall, cpu = time.perf_counter(), time.process_time()
    take_in(dataset, batches)
    figures["examples_per_second"] = batches * _BATCH / (time.perf_counter() - wall)
    figures["examples_per_cpu_second"] = batches * _BATCH / (time.process_time() - cpu)
    figures["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(figures))


def take_in(dataset: Any, batches: int) -> None:
    """Take so many batches in as a graph does, without Python in between."""
    dataset.take(batches).reduce(np.int64(0), lambda count, *_: count + 1).numpy()


if __name__ == "__main__":
    main()
