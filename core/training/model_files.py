"""The files of a model: on the disk before another file names them, and checked before they are read.

TensorFlow syncs nothing that it writes: half a minute later, a power cut still leaves empty files.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from core.data.alphabet import ALPHABET, Alphabet

_LATEST = "checkpoint"
_INDEX_END = bytes.fromhex("57fb808b247547db")  # the last eight bytes of every table of LevelDB
_EVENTS = "tfevents"  # part of the name of an event file, which is appended to


def sync(path: Path) -> None:
    """Flush the content of a file, or the names in a directory, to the disk.

    Raises:
        OSError: names the path: it does not exist, or several attempts in a second have failed.
    """

    def flush() -> None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    _try_again(flush, path)


def sync_tree(directory: Path) -> None:
    """Flush all files below a directory to the disk, then the directories, and last the name of the directory."""
    for place, _, names in os.walk(directory, topdown=False):
        for name in names:
            sync(Path(place) / name)
        sync(Path(place))
    sync(directory.parent)


def make_directory(directory: Path) -> None:
    """Create a directory, and flush its name to the disk, unless it exists."""
    if not directory.is_dir():
        directory.mkdir()
        sync(directory.parent)


def replace_text(path: Path, text: str) -> None:
    """Replace a file; what is on the disk is the old text or the new one, at any time.

    Raises:
        OSError: names the path: several attempts in a second have failed.
    """
    _try_again(lambda: _replace(path, text), path)
    sync(path.parent)


def save_alphabet(alphabet: Alphabet, model_dir: Path) -> None:
    """Store the alphabet beside the checkpoint trained with it; core.data reads it.

    Raises:
        OSError: several attempts in a second have failed.
    """
    replace_text(model_dir / ALPHABET, alphabet.letters)


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}")
    try:
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _try_again(write: Callable[[], object], path: Path) -> None:
    """Call a function, and again after an error: that of a network file system may be over in a moment."""
    for pause in (0.05, 0.2, 0.8):
        try:
            write()
            return
        except OSError:
            time.sleep(pause)
    try:
        write()
    except OSError as error:  # that of fsync names no file
        error.filename = str(path)
        raise


def checkpoint_files(directory: Path, name: str) -> list[Path]:
    """Return the files of a checkpoint, none if it does not exist."""
    return sorted(directory.glob(f"{name}.*"))


def sync_checkpoint(directory: Path, name: str) -> None:
    """Flush the content of a checkpoint to the disk; its names follow with that of the next file in the directory."""
    for path in checkpoint_files(directory, name):
        sync(path)


def set_latest(directory: Path, name: str) -> None:
    """Name the checkpoint that TensorFlow finds in a directory; it must be on the disk already."""
    replace_text(directory / _LATEST, f'model_checkpoint_path: "{name}"\nall_model_checkpoint_paths: "{name}"\n')


def remove_checkpoints(directory: Path, *, keep: frozenset[str]) -> None:
    """Remove the checkpoints of a directory, except those named."""
    for path in directory.glob("model.ckpt-*.*"):
        if path.name.rpartition(".")[0] not in keep:
            path.unlink()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def find_file_damage(path: Path, expected: str | None = None) -> str | None:
    """Say what is damaged about a file, None if nothing is.

    Args:
        path: of the file.
        expected: its SHA-256; None if it is not known.
    """
    try:
        if path.stat().st_size == 0:
            return f"{path} is empty"
        if expected is not None and digest(path) != expected:
            return f"{path} is corrupt"
        if path.suffix == ".index" and not path.read_bytes().endswith(_INDEX_END):
            return f"{path} is torn"
    except FileNotFoundError:
        return f"{path} is missing"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    return None


def find_checkpoint_damage(model_dir: Path) -> str | None:
    """Say what is damaged about the best checkpoint, as far as can be told without reading all of it."""
    latest = model_dir / _LATEST
    damage = find_file_damage(latest)
    if damage is not None:
        return damage
    named = re.search(r'^model_checkpoint_path: "(.*)"$', latest.read_text(encoding="utf-8", errors="replace"), re.M)
    if named is None:
        return f"{latest} names no checkpoint"
    name = Path(named[1]).name
    data = [path for path in checkpoint_files(model_dir, name) if ".data-" in path.name]
    files = [model_dir / f"{name}.index", *(data or [model_dir / f"{name}.data-00000-of-00001"])]
    return next(filter(None, map(find_file_damage, files)), None)


def find_model_damage(model_dir: Path) -> str | None:
    """Say what is damaged about the best checkpoint, the alphabet or the export of a model."""
    found = (path for path in sorted(model_dir.rglob("*")) if path.is_file() and _EVENTS not in path.name)
    files = (model_dir / ALPHABET, *found)
    return find_checkpoint_damage(model_dir) or next(filter(None, map(find_file_damage, files)), None)
