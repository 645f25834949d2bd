"""What runs the runs of a sweep: forks on this machine, or the workers of a cluster."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from experiments.pipeline.errors import requires_extra
from experiments.sweeps.cluster.place import Sweep, package_versions, token_in
from experiments.sweeps.executors.fork_executor import ForkExecutor
from experiments.sweeps.executors.worker import Outcome, Request, preloaded_modules, train
from experiments.sweeps.options import SweepOptions


@dataclass(frozen=True)
class Engine:
    """Runs requests.

    Attributes:
        submit: takes a run.
        slots: tells how many runs it can run at once now.
        stop: sends a signal to the processes of all runs, and starts no more.
    """

    submit: Callable[[Request], Future[Outcome]]
    slots: Callable[[], int]
    stop: Callable[[int], None]


@contextmanager
def started_engine(
    options: SweepOptions, experiment: str, total: int, sources: Mapping[str, str], note: Callable[[str], None]
) -> Iterator[Engine]:
    """Provide what the options of a sweep name.

    Args:
        options: of the sweep.
        experiment: the module of the experiment in the package `experiments`.
        total: the number of runs, at least 1.
        sources: digests of the project's sources.
        note: prints a line about the cluster.

    Raises:
        UserError: if the cluster cannot be reached or started.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for the processes that import TensorFlow
    jobs = min(options.jobs, total)
    modules = preloaded_modules(experiment, judged=options.search is not None)
    if options.cluster is not None:
        sweep = Sweep(
            modules,
            Path.cwd(),
            options.runs,
            sources,
            options.mongo_db is not None,
            options.search is not None,
            packages=package_versions(),
        )
        with _started_cluster(options.cluster, options.cluster_options, sweep, jobs, note) as engine:
            yield engine
        return
    with ForkExecutor(jobs, modules) as executor:
        yield Engine(lambda request: executor.submit(train, request), lambda: jobs, executor.stop)


def check_engine(options: SweepOptions) -> None:
    """Check the name and the options of a cluster without a connection.

    Raises:
        UserError: names what is wrong, and what is allowed; or says how to install the packages.
    """
    if options.cluster is not None:
        with requires_extra("cluster", "--cluster"):
            from experiments.sweeps.cluster.engines import check_cluster
        check_cluster(options.cluster, options.cluster_options)


@contextmanager
def _started_cluster(
    name: str, cluster_options: str | None, sweep: Sweep, jobs: int, note: Callable[[str], None]
) -> Iterator[Engine]:
    """Provide a cluster; its packages are imported only here, since they may be missing."""
    with requires_extra("cluster", "--cluster"):
        from experiments.sweeps.cluster.engines import connected
        from experiments.sweeps.cluster.executor import ClusterExecutor
    with (
        connected(name, cluster_options, jobs) as cluster,
        token_in(sweep.runs) as token,
        ClusterExecutor(cluster, replace(sweep, token=token), jobs, note) as executor,
    ):
        yield Engine(executor.submit, executor.slots, executor.stop)
