"""Deletes recorded runs in an order that can be undone at first, and finished later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pymongo.errors import PyMongoError

from observers.errors import phrase_of, reason_of
from observers.maintenance.delete.in_mongodb import StoredCopies
from observers.maintenance.delete.on_disk import (
    NotEmptiedError,
    check_removable,
    count_files,
    empty,
    put_back,
    remove,
    set_aside,
)
from observers.maintenance.delete.sources import copies_of, delete_unused
from observers.maintenance.delete.target import Target, read_target, refusal
from observers.mongodb.database import Database
from observers.mongodb.stored_files import artifacts_in
from observers.stored_runs.copies import uuid_of
from observers.stored_runs.runs_directory import run_directories
from observers.stored_runs.unfinished import delete_command


class Deletion:
    """Deletes runs, and the sources that no other run has.

    A run is renamed first, then its copy in MongoDB is deleted, then its files. What fails before anything is gone is
    undone; a deletion that fails or is killed later can be finished by another one of the same id.

    Attributes:
        refused: a line for each run that cannot be deleted.
        targets: what will be deleted.
    """

    def __init__(self, directories: Iterable[Path], database: Database | None) -> None:
        """Find what is to be deleted; nothing is deleted yet.

        Args:
            directories: of one directory of runs.
            database: which may have copies of the runs.

        Raises:
            OSError: the directory of the runs cannot be read.
            PyMongoError: the database does not answer.
        """
        targets = [read_target(directory) for directory in dict.fromkeys(directories)]
        refusals = {target.directory: refusal(target) for target in targets}
        self.refused = [line for line in refusals.values() if line is not None]
        self.targets = [target for target in targets if refusals[target.directory] is None]
        self._database = database
        self._kept = self._find_other_directories() if database is not None else {}
        uuids = {target.uuid for target in self.targets if target.uuid is not None} - set(self._kept)
        self._copies = StoredCopies(database, uuids) if database is not None else None

    def plan(self) -> Iterator[str]:
        """List what will be deleted, a line each."""
        documents = self._copies.documents if self._copies is not None else {}
        for target in self.targets:
            line = f"{target.directory} ({target.kind}): {count_files(target.directory)} files"
            document = documents.get(target.uuid or "")
            if document is not None:
                artifacts = len(artifacts_in(document))
                line += f"; as {document['_id']} in MongoDB with metrics and {artifacts} artifact(s)"
                recorded = document.get("directory")
                if isinstance(recorded, str) and Path(recorded).parent != target.directory.parent.resolve():
                    line += f", recorded in {recorded}"
            if target.uuid in self._kept:
                line += f"; MongoDB's copy stays, since {self._kept[target.uuid]} holds the same run"
            yield line
        if self._copies is None:
            yield "nothing in MongoDB: no address was given, so copies there stay"
        elif documents:
            yield f"{len(self._copies.unused_files(documents.values()))} files in MongoDB that no other run has"

    def execute(self) -> list[str]:
        """Delete what can be deleted; return a line for each run that is kept or only deleted in part."""
        problems: list[str] = []
        aside = self._set_aside(problems)
        if self._copies is not None and not self._delete_copies(self._copies, aside, problems):
            return problems
        emptied = self._empty(aside, problems)
        if emptied:
            copies = set().union(*(_copies(target) for target in emptied))
            delete_unused(self.targets[0].directory.parent, copies, set(emptied.values()))
        for directory in emptied.values():
            try:
                remove(directory)
            except OSError as error:
                problems.append(_unfinished_line(directory, error))
        return problems

    def _find_other_directories(self) -> dict[str | None, Path]:
        """Return which directory that stays holds a run of the same uuid: its document in MongoDB stays."""
        if not self.targets:
            return {}
        mine = {target.directory for target in self.targets}
        others = [path for path in run_directories(self.targets[0].directory.parent) if path not in mine]
        return {uuid: path for path in others if (uuid := uuid_of(path)) is not None}

    def _set_aside(self, problems: list[str]) -> dict[Target, Path]:
        aside = {}
        for target in self.targets:
            try:
                check_removable(target.directory)
                aside[target] = set_aside(target.directory)
            except OSError as error:
                problems.append(f"{target.directory}: it cannot be deleted ({phrase_of(error)}), and is left as it is")
        return aside

    def _delete_copies(self, copies: StoredCopies, aside: dict[Target, Path], problems: list[str]) -> bool:
        """Delete copies in MongoDB; if that fails, put the directories back. Return whether it is done."""
        staying = {target.uuid for target in self.targets if target not in aside} | set(self._kept)
        try:
            copies.delete({target.uuid for target in aside if target.uuid is not None} - staying)
        except PyMongoError as error:
            for target, directory in aside.items():
                _undo(directory, problems, f"MongoDB failed: {reason_of(error)}", target)
            return False
        return True

    def _empty(self, aside: dict[Target, Path], problems: list[str]) -> dict[Target, Path]:
        emptied = {}
        for target, directory in aside.items():
            try:
                empty(directory)
                emptied[target] = directory
            except NotEmptiedError as error:
                gone = error.removed or (self._copies is not None and target.uuid in self._copies.documents)
                if gone:
                    problems.append(_unfinished_line(directory, error))
                else:
                    _undo(directory, problems, str(error), target)
        return emptied


def _undo(directory: Path, problems: list[str], reason: str, target: Target) -> None:
    """Put a directory back, unless an earlier deletion had set it aside."""
    try:
        if directory == target.directory:
            raise OSError(reason)
        problems.append(f"{put_back(directory)}: it cannot be deleted ({reason}), and is left as it is")
    except OSError as error:
        problems.append(_unfinished_line(directory, error))


def _unfinished_line(directory: Path, error: OSError) -> str:
    command = delete_command(directory)
    return f"{directory}: its deletion is not finished ({phrase_of(error)}); to finish it: {command}"


def _copies(target: Target) -> set[str]:
    try:
        return copies_of(target.entry)
    except ValueError:
        return set()
