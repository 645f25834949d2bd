"""A worker that cannot take part in a sweep."""

import os
import shutil

import pytest

from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from tests.dask_cluster import dask_cluster
from tests.experiments.place import SWEEP

pytestmark = pytest.mark.slow


def test_sources_that_differ_on_a_worker_end_the_sweep_in_a_line(place, tmp_path_factory):
    copy = tmp_path_factory.mktemp("copy")
    for name in source_digests(ROOT):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    with (copy / "core/network/network.py").open("a") as file:
        file.write("# changed\n")
    with dask_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_worker("first", environment={"PYTHONPATH": str(copy)})
        done = place.run("parity", "fast", "seed=0..3", "--cluster", cluster.address, script=SWEEP)

    assert done.returncode == 1
    assert "no run has a result" in done.stdout
    assert done.stderr == (
        f"sweep: worker first on {os.uname().nodename}: {copy}/core/network/network.py is not the file that started"
        " the sweep: update it there\n"
    )
    assert not place.runs()
