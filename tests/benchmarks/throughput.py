"""Measures how many examples a second a training reads, against three peers.

    python -m tests.benchmarks.throughput [--pairs 5] [--hidden 64 256] [--batch 64 256] [--max-number 999 999999]
                                          [--threads 1 2] [--peers keras_fit torch_loop generator_estimator]

It prints a row for each combination: the medians of both sides, and the ratio of ours to theirs with its range, per
second and per second of processor time; a ratio is the median over the pairs. All sides learn the words of 600 numbers
of 0..999, or of 6000 numbers of 0..999,999, on as many processors as there are `--threads`. They are measured for five
seconds, after a warm-up of 20 steps or two seconds. A combination takes five minutes. `torch_loop` needs the extra
`benchmark`.
"""

import dataclasses
import itertools
import json
from collections.abc import Sequence

from tests.benchmarks.measuring.arguments import check_peers, installed, make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Comparison, with_range
from tests.benchmarks.measuring.processes import Run, module, run_in_fork, run_python
from tests.benchmarks.peers.job import Job

_PEERS = ("keras_fit", "torch_loop", "generator_estimator")
_LARGEST_DATA = 10_000


def main() -> None:
    """Print the table."""
    parser = make_parser("tests.benchmarks.throughput", __doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--batch", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--max-number", type=int, nargs="+", default=[999, 999_999])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each side in a pair")
    parser.add_argument("--peers", nargs="+", default=list(_PEERS), choices=_PEERS)
    sizes = {"hidden": [4], "batch": [8], "max_number": [99], "threads": [1], "seconds": 0.0}
    arguments = read_arguments(parser, tiny={"pairs": 1, "peers": installed(_PEERS), **sizes})
    check_peers(parser, arguments.peers)
    run = run_in_fork if arguments.tiny else run_python
    print("| hidden | batch | numbers to | threads | peer | ours, theirs, examples/s | ratio | ratio per CPU second |")
    print("|---|---|---|---|---|---|---|---|")
    for hidden, batch, largest, threads in itertools.product(
        arguments.hidden, arguments.batch, arguments.max_number, arguments.threads
    ):
        job = Job(hidden, batch, largest, min(largest + 1, _LARGEST_DATA), threads, arguments.seconds)
        compare(run, job, arguments.peers, arguments.pairs)


def compare(run: Run, job: Job, peers: Sequence[str], pairs: int) -> None:
    """Print a row for each peer; the sides run in turn."""
    text = json.dumps(dataclasses.asdict(job))
    sides = [module(f"tests.benchmarks.peers.{side}", text) for side in ("ours", *peers)]
    rounds = [[run(*side).figures for side in sides] for _ in range(pairs)]
    for place, peer in enumerate(peers, 1):
        compared = Comparison([figures[0] for figures in rounds], [figures[place] for figures in rounds])
        ours, theirs = compared.medians("examples_per_second")
        ratios = [with_range(compared.ratios(f"examples_per_{unit}")) for unit in ("second", "cpu_second")]
        print(
            f"| {job.hidden} | {job.batch} | {job.max_number} | {job.threads} | {peer} | {ours:.0f}, {theirs:.0f}"
            f" | {' | '.join(ratios)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
