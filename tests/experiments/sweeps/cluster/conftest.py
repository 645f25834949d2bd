"""Clusters of Dask's on loopback."""

import pytest

from tests.dask_cluster import dask_cluster

_WITHOUT_PROJECT = """\
import sys
if "distributed.cli.dask_worker" in sys.orig_argv:
    sys.modules["experiments"] = None
"""


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    """A scheduler with two workers of one thread each, not harmed by tests; the second lacks the project."""
    without = tmp_path_factory.mktemp("without")
    (without / "sitecustomize.py").write_text(_WITHOUT_PROJECT)
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_worker("one")
        cluster.add_worker("two", "--no-nanny", environment={"PYTHONPATH": str(without)})
        yield cluster


@pytest.fixture
def cluster(tmp_path_factory):
    """A scheduler without a worker, for one test."""
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster
