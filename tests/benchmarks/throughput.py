"""Measures how many examples a second training takes in, against three peers.

    python -m tests.benchmarks.throughput [--pairs 5] [--hidden 64 256] [--batch 64 256] [--max-number 999 999999]
                                          [--threads 1 2] [--peers keras_fit torch_loop generator_estimator]

It prints a row for each combination: the medians, and ours to theirs with its range, per second and per second of
processor time: the median of the ratios pair by pair. All sides learn the words of 600 numbers of 0..999, or of 6000
numbers of 0..999,999, on as many processors as there are `--threads`. What is counted are the steps of five seconds,
after a warm-up of 20 steps or two seconds. A combination takes five minutes. `torch_loop` needs the extra `benchmark`.
"""

import argparse
import importlib.util
import itertools
import json
import sys

from tests.benchmarks.pairs import compare, make_parser

_MODULES = "tests.benchmarks.peers"
_PEERS = ("keras_fit", "torch_loop", "generator_estimator")


def main() -> None:
    """Print the table."""
    asked = _parse()
    if "torch_loop" in asked.peers and importlib.util.find_spec("torch") is None:
        sys.exit(
            "torch_loop needs PyTorch: pip install -c constraints.txt -e '.[benchmark]', or leave it out of --peers"
        )
    print("| hidden | batch | numbers to | threads | peer | ours, theirs, examples/s | ratio | ratio per CPU second |")
    print("|---|---|---|---|---|---|---|---|")
    for hidden, batch, largest, threads in itertools.product(
        asked.hidden, asked.batch, asked.max_number, asked.threads
    ):
        job = json.dumps({"hidden": hidden, "batch": batch, "max_number": largest, "threads": threads})
        peers = [[f"{_MODULES}.{peer}", job] for peer in asked.peers]
        compared = compare([f"{_MODULES}.ours", job], peers, asked.pairs)
        for peer, comparison in zip(asked.peers, compared, strict=True):
            ours, theirs = comparison.medians("examples_per_second")
            print(
                f"| {hidden} | {batch} | {largest} | {threads} | {peer} | {ours:.0f}, {theirs:.0f}"
                f" | {comparison.ratio('examples_per_second')} | {comparison.ratio('examples_per_cpu_second')} |",
                flush=True,
            )


def _parse() -> argparse.Namespace:
    parser = make_parser("tests.benchmarks.throughput", __doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--hidden", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--batch", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--max-number", type=int, nargs="+", default=[999, 999_999])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peers", nargs="+", default=list(_PEERS), choices=_PEERS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
