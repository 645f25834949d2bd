"""A host process that cannot run, as the worker beside it sees it."""

import os

import pytest

from experiments.sweeps.cluster.remote.process import HostProcess
from experiments.sweeps.cluster.remote.project import RefusedError


def test_a_host_whose_imports_fail_is_refused_with_the_reason(tmp_path):
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "__init__.py").write_text("raise ImportError('no tensorflow here')\n")

    with pytest.raises(RefusedError, match=r"cannot run experiments\.sweeps\.cluster\.host: .*no tensorflow here"):
        HostProcess({**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}, None)
