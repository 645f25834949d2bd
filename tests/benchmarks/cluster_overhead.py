"""Measures a sweep on a cluster of Dask's against the same sweep in forks, with as many runs at once.

    python -m tests.benchmarks.cluster_overhead [--runs 32] [--workers 2] [--pairs 3] [--config NAME=VALUE ...]

A scheduler and the workers, of one thread each, run on this machine for all pairs. The sweeps are
`python experiments/sweep.py parity seed=0..31 --cluster ADDRESS`, and the same with `--jobs 2`, in turn. The processor
time is that of all processes: the sweep, the servers and their runs, and of a cluster the scheduler and the workers.
It also checks that both have the same results. Three pairs take ten minutes.
"""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.benchmarks.measuring.arguments import make_parser, read_arguments
from tests.benchmarks.measuring.comparison import Comparison, Figures, with_range
from tests.benchmarks.measuring.sweeps import TINY, add_config, adopt_orphans, run_sweep
from tests.dask_cluster import DaskCluster, dask_cluster


def main() -> None:
    """Print wall and processor time of both, and their ratios."""
    parser = make_parser("tests.benchmarks.cluster_overhead", __doc__)
    parser.add_argument("--runs", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=3)
    add_config(parser)
    arguments = read_arguments(parser, tiny={"runs": 2, "workers": 1, "pairs": 1, "config": TINY})
    sweep = ["parity", *arguments.config, f"seed=0..{arguments.runs - 1}"]
    adopt_orphans()
    with tempfile.TemporaryDirectory() as directory, dask_cluster(Path(directory)) as cluster:
        for number in range(arguments.workers):
            cluster.add_worker(f"worker{number}")
        pairs = [
            (run_on_cluster(sweep, cluster), run_sweep(*sweep, "--jobs", str(arguments.workers)))
            for _ in range(arguments.pairs)
        ]
    if any(ours["results"] != theirs["results"] for ours, theirs in pairs):
        sys.exit("the cluster and the forks have different results")
    compared = Comparison([ours for ours, _ in pairs], [theirs for _, theirs in pairs])
    for name, title in (("wall", "seconds"), ("cpu", "seconds of a processor")):
        ours, theirs = compared.medians(name)
        print(f"{title}: cluster {ours:.1f}, forks {theirs:.1f}, ratio {with_range(compared.ratios(name))}")
    runs, servers = compared.medians("orphans")
    dask = statistics.median(figures["dask"] for figures in compared.ours)
    print(f"of these: servers and runs {runs:.1f} and {servers:.1f}, scheduler and workers {dask:.1f}")


def run_on_cluster(sweep: Sequence[str], cluster: DaskCluster) -> Figures:
    """Run a sweep on the cluster."""
    before = _cpu_of(cluster)
    figures = run_sweep(*sweep, "--cluster", cluster.address)
    dask = _cpu_of(cluster) - before
    return {**figures, "cpu": figures["cpu"] + dask, "dask": dask}


def _cpu_of(cluster: DaskCluster) -> float:
    """Return the processor time of scheduler and workers, and of what they have waited for: not of the runs."""
    parents = [psutil.Process(process.pid) for process in cluster.processes]
    times = [each.cpu_times() for parent in parents for each in (parent, *parent.children(recursive=True))]
    return float(sum(time.user + time.system + time.children_user + time.children_system for time in times))


if __name__ == "__main__":
    main()
