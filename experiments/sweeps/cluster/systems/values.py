"""Checks the values of the options of a cluster."""

from collections.abc import Mapping
from typing import Any

from dask.utils import parse_bytes

from experiments.pipeline.errors import UserError

_WHOLE = ("cores", "processes", "job_cpu", "ncpus", "n_workers", "threads_per_worker")
_SIZES = ("memory", "memory_limit")
_SWITCHES = ("nanny", "use_stdin")
_LISTS = (
    "job_extra_directives",
    "job_directives_skip",
    "job_script_prologue",
    "worker_extra_args",
    "submit_command_extra",
    "cancel_command_extra",
)
_MOST = 100_000  # processors of a machine, or workers


def check_values(options: Mapping[str, Any]) -> None:
    """Check values as they were read.

    Raises:
        UserError: names the option and what is allowed.
    """
    for name, value in options.items():
        allowed = _allowed(name, value)
        if allowed is not None:
            raise UserError(f"{name}={value} in --cluster-options is not {allowed}")
    cores, processes = options.get("cores"), options.get("processes")
    if cores is not None and processes is not None and processes > cores:
        raise UserError(f"processes={processes} in --cluster-options is more than cores={cores}")


def _allowed(name: str, value: Any) -> str | None:
    """Return what an option must be, None if the value is that."""
    if name in _WHOLE and not (type(value) is int and 1 <= value <= _MOST):
        return f"a whole number from 1 to {_MOST}"
    if name in _SIZES and not (name == "memory_limit" and value in ("auto", 0)) and not _is_size(value):
        return "a number of bytes above 0, such as 4GB or 500MB"
    if name in _SWITCHES and type(value) is not bool:
        return "true or false"
    if name in _LISTS and not isinstance(value, list | dict):
        return f"a list: write {name}=[{value}]"
    return None


def _is_size(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and parse_bytes(value) > 0
    except (ValueError, TypeError, AttributeError, OverflowError):
        return False
