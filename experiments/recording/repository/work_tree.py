"""Compares the work tree with the commit, byte for byte, and writes the difference as a patch.

Filters, line ends and other conversions of git do not count: the patch gives the bytes that Python has read.
"""

import hashlib
import os
import stat
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.recording.repository.command import run_git
from experiments.recording.repository.git_directory import Repository, scratch_repository
from experiments.recording.repository.untracked import untracked_sources

_LARGEST_UNTRACKED, _LARGEST_TOTAL = 1_000_000, 10_000_000  # bytes
_LARGEST_POINTER = 200  # bytes
_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"
_DIFF = "diff-index --cached --patch --binary --full-index --no-renames --no-color --no-ext-diff --no-textconv"
_PREFIXES = ("--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules")


@dataclass(frozen=True)
class Blob:
    """A file as git stores it.

    Attributes:
        mode: 100644, 100755 for an executable, 120000 for a link.
        sha: of the blob.
        size: in bytes.
    """

    mode: str
    sha: str
    size: int


@dataclass(frozen=True)
class Difference:
    """What differs between the commit and the work tree.

    Attributes:
        names: of all files that differ, from the top of the work tree.
        patch: applied to the commit, it gives these files, but for those left out.
        left_out: the files left out, each with the reason.
    """

    names: Sequence[str]
    patch: bytes
    left_out: Sequence[str]


def compare(repository: Repository, root: Path) -> Difference | None:
    """Compare the files of the commit and the untracked sources with the work tree.

    Args:
        repository: that holds the project.
        root: of the project, which may be below the top of the work tree.

    Returns:
        The difference; None if the commit has nothing of the project.

    Raises:
        GitError: if git cannot read the commit.
    """
    with scratch_repository(repository) as scratch:
        before = _files_of_commit(scratch, repository, root)
        if not before:
            return None
        now: dict[str, Blob | None] = {}
        left_out: dict[str, str] = {}
        for name in [*before, *untracked_sources(scratch, repository.top, root, before)]:
            try:
                blob = _file_now(repository, name, before.get(name))
            except OSError as error:
                left_out[name] = f"{name} ({error.strerror})"
                continue
            if blob != before.get(name):
                now[name] = blob
        left_out.update(_too_large(before, now))
        kept = {name: blob for name, blob in now.items() if name not in left_out}
        patch = _patch(scratch, repository, kept) if kept else b""
        return Difference(sorted({*now, *left_out}), patch, list(left_out.values()))


def _files_of_commit(scratch: Path, repository: Repository, root: Path) -> dict[str, Blob]:
    """Return the files of the project in the commit by their names, without submodules."""
    below = [f"{root.relative_to(repository.top)}/"] if root != repository.top else []
    listed = run_git(scratch, "ls-tree", "-r", "-l", "-z", "--full-tree", repository.sha, *below)
    files = {}
    for line in os.fsdecode(listed).split("\0")[:-1]:
        description, _, name = line.partition("\t")
        mode, kind, sha, size = description.split()
        if kind == "blob":
            files[name] = Blob(mode, sha, int(size))
    return files


def _file_now(repository: Repository, name: str, before: Blob | None) -> Blob | None:
    """Return a file of the work tree as git would store it, None if there is none."""
    path = repository.top / name
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISLNK(status.st_mode):
        return None
    executable = "100755" if status.st_mode & stat.S_IXUSR else "100644"
    mode = "120000" if stat.S_ISLNK(status.st_mode) else executable
    if before is not None and not repository.has_modes:
        mode = before.mode
    may_be_pointer = before is not None and before.size <= _LARGEST_POINTER < status.st_size
    if status.st_size > _LARGEST_TOTAL and not may_be_pointer and (before is None or before.size != status.st_size):
        return Blob(mode, "", status.st_size)  # left out: its content does not matter
    if mode == "120000":
        target = _content(path)
        return Blob(mode, _sha(target, repository.sha), len(target))
    if before is not None and may_be_pointer and before.sha == _sha(_pointer(path, status.st_size), repository.sha):
        return before  # Git LFS has put the content in place of the pointer
    return Blob(mode, _sha_of_file(path, status.st_size, repository.sha), status.st_size)


def _content(path: Path) -> bytes:
    return os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()


def _pointer(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return _POINTER.format(hashlib.file_digest(file, "sha256").hexdigest(), size).encode()


def _sha(content: bytes, like: str) -> str:
    """Return the name of a blob, in the format of another object's."""
    hasher = _hasher(len(content), like)
    hasher.update(content)
    return hasher.hexdigest()


def _sha_of_file(path: Path, size: int, like: str) -> str:
    hasher = _hasher(size, like)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return hasher.hexdigest()


def _hasher(size: int, like: str) -> "hashlib._Hash":
    return (hashlib.sha1 if len(like) == 40 else hashlib.sha256)(_header(size))


def _header(size: int) -> bytes:
    return b"blob %d\0" % size


def _too_large(before: Mapping[str, Blob], now: Mapping[str, Blob | None]) -> dict[str, str]:
    """Return the files that are too large for the patch, each with its size; small files have precedence."""
    sizes = {name: sum(blob.size for blob in (before.get(name), blob) if blob) for name, blob in now.items()}
    total, left_out = 0, {}
    for name, size in sorted(sizes.items(), key=lambda item: item[1]):
        total += size
        if total > _LARGEST_TOTAL or (name not in before and size > _LARGEST_UNTRACKED):
            left_out[name] = f"{name} ({size / 1e6:.1f} MB)"
            total -= size
    return left_out


def _patch(scratch: Path, repository: Repository, now: Mapping[str, Blob | None]) -> bytes:
    """Return the patch from the commit to files of the work tree, made with an index of the scratch one."""
    lines = []
    for name, blob in now.items():
        if blob is None:
            lines.append(f"0 {'0' * len(repository.sha)}\t{name}\0")
            continue
        content = _content(repository.top / name)
        sha = _sha(content, repository.sha)
        loose = scratch / "objects" / sha[:2] / sha[2:]
        loose.parent.mkdir(exist_ok=True)
        loose.write_bytes(zlib.compress(_header(len(content)) + content, level=1))
        lines.append(f"{blob.mode} {sha}\t{name}\0")
    run_git(scratch, "read-tree", repository.sha)
    run_git(scratch, "update-index", "-z", "--index-info", given=os.fsencode("".join(lines)))
    return run_git(scratch, *_DIFF.split(), *_PREFIXES, repository.sha)
