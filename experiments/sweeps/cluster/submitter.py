"""What the workers of a cluster need to know of the machine that starts a sweep."""

import os
import re
from collections.abc import Mapping

from experiments.recording.layout import ROOT
from experiments.recording.platform import VARIABLES, variables
from experiments.sweeps.cluster.remote.project import Project, Sealed
from observers.mongodb.address import VARIABLE

_VARIABLES = f"(?!CUDA_VISIBLE_DEVICES$)(?:{VARIABLES})"  # a batch system tells each job its devices


def describe_project(sources: Mapping[str, str]) -> Project:
    """Describe the project of this machine, and the environment that its runs get on a worker.

    Args:
        sources: the digests of its sources by their paths.
    """
    mongo = {VARIABLE: os.environ[VARIABLE]} if os.environ.get(VARIABLE) else {}
    computing = {name: value for name, value in variables().items() if re.fullmatch(_VARIABLES, name)}
    level = os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")
    environment = {**computing, **mongo, "TF_CPP_MIN_LOG_LEVEL": level}
    return Project(str(ROOT), sources, Sealed(environment), _VARIABLES)
