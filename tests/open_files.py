"""Names the open files of a process, to tell those that something leaves open."""

from collections import Counter
from contextlib import suppress
from pathlib import Path


def open_files() -> Counter[str]:
    """Count the open files of this process by what they are: a path, or the number of a pipe or socket.

    The garbage and the threads of earlier tests close files at any time. So look at `open_files() - before`, which is
    empty if nothing more is open, and do not compare numbers.
    """
    files: Counter[str] = Counter()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since, as the one that lists the directory
            files[str(link.readlink())] += 1
    return files
