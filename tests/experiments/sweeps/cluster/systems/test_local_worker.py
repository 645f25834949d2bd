"""Workers that a sweep starts on this machine."""

import subprocess
import sys

from experiments.recording.layout import ROOT


def test_a_worker_leaves_the_process_group_of_the_terminal():
    code = "from experiments.sweeps.cluster.systems import local_worker; import os; local_worker.dask_setup(None)"
    code += "; print(os.getpgid(0) == os.getpid())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("True\n", "")
