"""The commands for what people say about runs: tag and note."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from observers.commands.common import conditions_of, database_of, runs_of
from observers.maintenance.annotate import annotate, check_text, read_tags
from observers.stored_runs.notes import Notes
from observers.stored_runs.selection import select_runs
from observers.system.stderr import visible, warn


def tag_command(arguments: argparse.Namespace) -> int:
    """Tag runs, or show their tags."""
    add, remove = read_tags(arguments.add), read_tags(arguments.remove, new=False)
    change = partial(Notes.with_tags, add=add, remove=remove) if add or remove else None
    return _annotate(arguments, change, lambda notes: ", ".join(notes.tags) or "no tags")


def note_command(arguments: argparse.Namespace) -> int:
    """Write a note on runs, or show it."""
    change = None
    if arguments.add is not None:
        if not arguments.add.strip():
            raise ValueError('the note is empty; --set "" removes a note')
        change = partial(Notes.with_text, text=check_text(arguments.add))
    elif arguments.set is not None:
        change = partial(replace, text=check_text(arguments.set))
    return _annotate(arguments, change, lambda notes: (notes.text or "no note").replace("\n", "\n  "))


def _annotate(
    arguments: argparse.Namespace, change: Callable[[Notes], Notes] | None, show: Callable[[Notes], str]
) -> int:
    """Change the notes of runs, or only show them; a database that is away gets them with the next `sync`."""
    try:
        directories = select_runs(runs_of(arguments), arguments.ids, conditions_of(arguments), warn)
    except ValueError as error:
        if change is not None:
            raise
        raise ValueError(f"{error}; to write a {arguments.command}, give --add") from None
    database, problem = None, None
    if change is not None:
        try:
            database = database_of(arguments)
        except ConnectionError as error:
            problem = error
    for directory, notes in annotate(directories, change or (lambda notes: notes), database):
        print(visible(f"{directory}: {show(notes)}"))
    if problem is not None:
        warn(f"observers: {problem}; the change is on disk, and sync delivers it")
    return int(problem is not None)
