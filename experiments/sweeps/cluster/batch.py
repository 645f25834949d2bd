"""Clusters that take their workers from a batch system, or from this machine, by name; and their options."""

import inspect
import logging
import math
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dask
import yaml
from distributed import LocalCluster
from distributed.deploy.spec import SpecCluster

from experiments.pipeline.errors import UserError
from experiments.pipeline.processors import usable_processors
from experiments.sweeps.cluster.systems import local_worker
from experiments.sweeps.cluster.systems.signals import kept_handlers
from experiments.sweeps.cluster.systems.values import check_values

with kept_handlers():  # one would exit at SIGINT, status 0
    import dask_jobqueue
    from dask_jobqueue.core import Job, JobQueueCluster

_LOCAL = "local"
_NO_LOGS = logging.CRITICAL + 1
_NOT_OPTIONS = {"self", "scheduler", "name", "config_name", "protocol", "security", "worker_command", "kwargs"}
_DEPRECATED = {"extra", "job_extra", "env_extra", "header_skip"}  # dask-jobqueue has other names for them
_OF_CLUSTER = {"scheduler_options", "shared_temp_directory"}
_OF_LOCAL = ("n_workers", "threads_per_worker", "memory_limit", "host", "interface")
_OPTION = re.compile(r"""\s*(\w+)=((?:"[^"]*"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|[^,"'\[{])*)(?:,|$)""")


@dataclass(frozen=True)
class Batch:
    """A cluster that has no worker yet.

    Attributes:
        cluster: starts them.
        jobs: the number of jobs that it needs.
    """

    cluster: SpecCluster
    jobs: int


def check_batch(name: str, text: str) -> dict[str, Any]:
    """Check the name and the options of a cluster, and return the options but those that are null.

    Args:
        name: of the batch system, or `local`.
        text: options, NAME=VALUE separated by commas; they take precedence over those of Dask's YAML files.

    Raises:
        UserError: names what is wrong with the name or an option, and what is allowed.
    """
    systems = batch_systems()
    if name != _LOCAL and name not in systems:
        names = ", ".join([*sorted(systems), _LOCAL])
        raise UserError(f"--cluster {name} is neither the address of a scheduler, HOST:PORT, nor one of {names}")
    given = read_options(text)
    _check_names(name, given, _OF_LOCAL if name == _LOCAL else option_names(systems[name][1]))
    options = {name: value for name, value in given.items() if value is not None}
    check_values(options)
    for needed, example in () if name == _LOCAL else (("cores", "8"), ("memory", "4GB")):
        if options.get(needed) is None and dask.config.get(f"jobqueue.{name}.{needed}", None) is None:
            raise UserError(
                f"--cluster {name} needs {needed} of a job: --cluster-options {needed}={example}, or"
                f" jobqueue.{name}.{needed} in a YAML file of Dask's"
            )
    return options


def start_batch(name: str, text: str, most: int) -> Batch:
    """Start the scheduler of a cluster by its name.

    Args:
        name: of the batch system, or `local`.
        text: options, as `check_batch` takes them.
        most: the number of threads that it can need.

    Raises:
        UserError: names what is wrong with the name or an option, and what is allowed; or the command is not there.
    """
    options = check_batch(name, text)
    if name == _LOCAL:
        return _start_local(options, most)
    kind, job = batch_systems()[name]
    _check_command(name, job)
    if options.get("processes") is None and dask.config.get(f"jobqueue.{name}.processes", None) is None:
        options["processes"] = 1  # with one import of TensorFlow for all its threads
    options["scheduler_options"] = {"dashboard_address": ":0", **options.get("scheduler_options", {})}
    try:
        with kept_handlers():
            cluster = kind(**options)
        threads = cluster._dummy_job.worker_process_threads * cluster._dummy_job.worker_processes
        return Batch(cluster, math.ceil(most / max(1, threads)))
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        raise UserError(f"--cluster {name} does not start: {error}") from error


def batch_systems() -> dict[str, tuple[type[JobQueueCluster], type[Job]]]:
    """Return the clusters of dask-jobqueue and their jobs by the names that Dask's YAML files have for them."""
    kinds = [kind for kind in vars(dask_jobqueue).values() if inspect.isclass(kind)]
    jobs = {kind: getattr(kind, "job_cls", None) for kind in kinds if issubclass(kind, JobQueueCluster)}
    return {str(job.config_name): (kind, job) for kind, job in jobs.items() if job is not None}


def option_names(job: type) -> list[str]:
    """Return the names of the options of a kind of job."""
    names = {name for kind in job.__mro__[:-1] for name in _parameters(kind)}
    return sorted((names | _OF_CLUSTER) - _NOT_OPTIONS - _DEPRECATED)


def read_options(text: str) -> dict[str, Any]:
    """Read NAME=VALUE separated by commas; a comma inside of quotes, brackets or braces separates nothing.

    Values are whole numbers, true, false, null, YAML in brackets or braces, and otherwise text.

    Raises:
        UserError: if the text cannot be read.
    """
    options: dict[str, Any] = {}
    place = 0
    while place < len(text):
        found = _OPTION.match(text, place)
        if found is None:
            raise UserError(
                f"cannot read {text[place:]!r} in --cluster-options: write NAME=VALUE,NAME=VALUE; a value with a comma"
                " in quotes or brackets"
            )
        if found[1] in options:
            raise UserError(f"{found[1]} is given twice in --cluster-options")
        options[found[1]] = _read_value(found[1], found[2].strip())
        place = found.end()
    return options


def _read_value(name: str, text: str) -> Any:
    if text[:1] not in ("[", "{", '"', "'"):
        return _read_scalar(text)
    try:
        read = yaml.load(text, yaml.BaseLoader)  # all values are text: 01:00:00 is a time
    except yaml.YAMLError as error:
        raise UserError(f"{name}={text} in --cluster-options is not YAML: {error}") from None
    return {key: _read_scalar(str(value)) for key, value in read.items()} if isinstance(read, dict) else read


def _read_scalar(text: str) -> Any:
    """Read a scalar; a number with a leading zero, which may be an account, is text."""
    return yaml.safe_load(text) if re.fullmatch(r"0|-?[1-9]\d{0,17}|true|false|null", text, re.ASCII) else text


def _check_names(name: str, options: Mapping[str, Any], allowed: Any) -> None:
    for option in options:
        if option not in allowed:
            raise UserError(f"--cluster {name} has no option {option}: choose from {', '.join(allowed)}")


def _check_command(name: str, job: Any) -> None:
    """Check that the batch system is on this machine."""
    command = (job.submit_command or "").split()
    if command and shutil.which(command[0]) is None:
        raise UserError(f"--cluster {name} needs the command {command[0]}, which is not on this machine")


def _start_local(options: dict[str, Any], most: int) -> Batch:
    threads = options.setdefault("threads_per_worker", 1)
    workers = options.pop("n_workers", math.ceil(min(most, usable_processors()) / threads))
    try:
        with kept_handlers():
            cluster = LocalCluster(
                n_workers=0, dashboard_address=None, silence_logs=_NO_LOGS, preload=[local_worker.__name__], **options
            )
        return Batch(cluster, workers)
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        raise UserError(f"--cluster {_LOCAL} does not start: {error}") from error


def _parameters(kind: type) -> list[str]:
    initialize = kind.__dict__.get("__init__")
    parameters = inspect.signature(initialize).parameters.values() if initialize is not None else []
    return [each.name for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
