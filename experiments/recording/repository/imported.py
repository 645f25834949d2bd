"""Finds the files of the imported modules."""

import os
import sys


def imported_files() -> dict[str, str]:
    """Return the file of every imported module by its name, without links.

    TensorFlow imports thousands of modules from few directories, so the links of each directory are followed once.
    """
    directories: dict[str, str] = {}
    files = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            directory, base = os.path.split(file)
            if directory not in directories:
                directories[directory] = os.path.realpath(directory)
            path = f"{directories[directory].rstrip(os.sep)}{os.sep}{base}"
            files[name] = os.path.realpath(path) if os.path.islink(path) else path  # noqa: PTH114 - much faster
    return files
