"""Records what the last bits of a result depend on besides config, sources and packages; reports changes on a repeat.

TensorFlow and oneDNN choose their kernels by the instruction sets of the processor and by environment variables, and
kernels sum in different orders.
"""

import os
import platform
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sacred import Experiment
from sacred.host_info import HostInfoGetter
from sacred.run import Run

from experiments.pipeline.tensorflow import tensorflow_build, tensorflow_threads
from observers.stored_runs.stored_run import read_run
from observers.system.stderr import warn

_TENSORFLOW = r"TF_(AUTO|CUDNN|DETERMINISTIC|DISABLE|ENABLE|FORCE|GPU|MKL|NUM|ONEDNN|USE|XLA)_.*|XLA_FLAGS"
_KERNELS = r"(ONEDNN|DNNL|MKL|OMP|KMP|GOMP|OPENBLAS|NPY|CUDA|CUDNN|CUBLAS)_.*|NVIDIA_TF32_OVERRIDE"
_PYTHON = r"GLIBC_TUNABLES|LD_PRELOAD|PYTHONHASHSEED"
VARIABLES = f"{_TENSORFLOW}|{_KERNELS}|{_PYTHON}"  # other names with TF_ are secrets of Terraform, too
"""A pattern of the environment variables on which bits depend."""

_INSTRUCTION_SET = re.compile(r"s?sse.*|avx.*|fma.*|f16c|amx.*|asimd.*|sve.*|neon|bf16|i8mm")
_LABELS = {
    "cpu": "the CPU",
    "libc": "libc",
    "tensorflow_build": "the build of TensorFlow",
    "tensorflow_threads": "the number of TensorFlow's threads",
}
_PACKAGES = ("numpy", "tensorflow")
_CPUINFO = Path("/proc/cpuinfo")


def record_platform(experiment: Experiment) -> None:
    """Let every run of an experiment record its platform in `host`, where `analysis diff` compares it."""
    entries = {
        "instruction_sets": _instruction_sets,
        "libc": lambda: " ".join(platform.libc_ver()),
        "tensorflow_build": tensorflow_build,
        "tensorflow_threads": tensorflow_threads,
        "variables": variables,
    }
    experiment.additional_host_info.extend(HostInfoGetter(entry, name) for name, entry in entries.items())


def report_changes(run: Run) -> None:
    """Say in one line what differs from the platform of the run that this one repeats or resumes, if that is known."""
    original = _original(run)
    if original is None:
        return
    try:
        stored = read_run(original)
    except (OSError, ValueError):  # the config, which this run has, need not be a whole run's
        return
    if any(run.config.get(name) != value for name, value in stored.config.items()):
        return
    changes = [
        *_changes(_mapping(stored.entry.get("host")), run.host_info),
        *_package_changes(_mapping(stored.entry.get("experiment")), run.experiment_info),
    ]
    if changes:
        name = run.experiment_info["name"]
        warn(f"{name}: results may differ from those of {original} in their last bits: {'; '.join(changes)}")


def _original(run: Run) -> Path | None:
    """Return the directory of the run that another one resumes, or whose config.json it was given."""
    if "parent" in run.info:
        return Path(run.info["parent"]["directory"])
    files = [Path(name) for name in run.meta_info.get("named_configs", ()) if Path(name).name == "config.json"]
    directories = [file.parent for file in files if (file.parent / "run.json").is_file()]
    return directories[-1] if directories else None


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between two hosts; a run of an earlier version has not recorded all of it."""
    for name, label in _LABELS.items():
        if name in before and before[name] != now.get(name):
            yield f"{label} is {now.get(name)}, was {before[name]}"
    if "instruction_sets" in before:
        old, new = (set(str(host.get("instruction_sets")).split()) for host in (before, now))
        yield from [f"the CPU lacks {' '.join(sorted(old - new))}"] if old - new else []
        yield from [f"the CPU has also {' '.join(sorted(new - old))}"] if new - old else []
    if "variables" in before:
        yield from _variable_changes(_mapping(before["variables"]), _mapping(now.get("variables")))


def _variable_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            yield f"{name} is {now.get(name, 'not set')}, was {before.get(name, 'not set')}"


def _package_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    recorded = [experiment.get("dependencies") for experiment in (before, now)]
    versions = [
        dict(str(package).split("==", 1) for package in packages if "==" in str(package))
        for packages in recorded
        if isinstance(packages, list | tuple)
    ]
    if len(versions) < len(recorded):
        return
    for name in _PACKAGES:
        old, new = (version.get(name) for version in versions)
        if old is not None and old != new:
            yield f"{name} is {new}, was {old}"


def _instruction_sets() -> str:
    """Return the instruction sets of the processor on which kernels depend, in order."""
    lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines() if _CPUINFO.exists() else []
    flags = next((line.partition(":")[2] for line in lines if line.startswith(("flags", "Features"))), "")
    return " ".join(sorted(flag for flag in flags.split() if _INSTRUCTION_SET.fullmatch(flag)))


def variables() -> dict[str, str]:
    """Return the environment variables on which bits depend."""
    return {name: value for name, value in sorted(os.environ.items()) if re.fullmatch(VARIABLES, name)}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
