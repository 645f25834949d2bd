"""Finds the files of the imported modules."""

import functools
import os
import sys


def imported_files() -> dict[str, str]:
    """Return the file of every imported module by its name, without links.

    TensorFlow imports thousands of modules, and this is called several times at the start of a run: links are followed
    once in the life of the process.
    """
    files = ((name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items()))
    return {name: _without_links(file) for name, file in files if isinstance(file, str)}


@functools.cache
def _without_links(file: str) -> str:
    directory, base = os.path.split(file)
    path = f"{_directory_without_links(directory).rstrip(os.sep)}{os.sep}{base}"
    return os.path.realpath(path) if os.path.islink(path) else path  # noqa: PTH114 - much faster


@functools.cache
def _directory_without_links(directory: str) -> str:
    return os.path.realpath(directory)
