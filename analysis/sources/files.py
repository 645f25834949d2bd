"""Reads the sources and artifacts of a run as text, from its directory or from the files in MongoDB."""

from pathlib import Path
from typing import Any

from observers.system.untrusted.opening import read_inside


def source_files(experiment: Any) -> dict[str, Any]:
    """Return what identifies the content of each source of a run, by the name of the source."""
    sources = getattr(getattr(experiment, "experiment", None), "sources", None)
    try:
        return {str(name): content for name, content in sources or ()}
    except (TypeError, ValueError):  # recorded by another tool
        return {}


def read_source(experiment: Any, content: Any) -> str:
    """Read a source.

    Args:
        experiment: of incense.
        content: see source_files.

    Raises:
        OSError: the file is missing, or outside of the directory of the runs.
    """
    directory = getattr(experiment, "directory", None)
    if isinstance(directory, Path):
        return read_inside(directory.parent, content).decode("utf-8", "replace")
    return str(experiment._grid_filesystem.get(content).read().decode("utf-8", "replace"))


def read_artifact(experiment: Any, name: str) -> str:
    """Read an artifact; it is empty if the run has none of this name."""
    if name not in experiment.artifacts:
        return ""
    with experiment.artifacts[name].file as file:
        return str(file.read().decode("utf-8", "replace"))
