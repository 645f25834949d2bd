"""Clusters of Dask's on loopback."""

import pytest

from tests.dask_cluster import dask_cluster


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    """A scheduler with two workers of one thread each, which tests do not harm."""
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_worker("one")
        cluster.add_worker("two")
        yield cluster


@pytest.fixture
def cluster(tmp_path_factory):
    """A scheduler without a worker, for one test."""
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster
