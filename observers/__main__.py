"""Maintains recorded runs: python -m observers COMMAND."""

from __future__ import annotations

import signal
from collections.abc import Sequence

try:
    from observers.program import run_program, start_program

    if __name__ == "__main__":
        start_program()
    from pymongo.errors import PyMongoError

    from observers.arguments import make_parser
    from observers.commands.annotations import note_command, tag_command
    from observers.commands.copies import collect_command, restore_command, sync_command
    from observers.commands.directories import delete_command, list_command, reap_command
    from observers.errors import line_of_error, problem_of
    from observers.system.stderr import warn
except Exception as error:
    from observers.system.environment import exit_outside_environment

    exit_outside_environment(error)
    raise

_COMMANDS = {
    "sync": sync_command,
    "restore": restore_command,
    "collect": collect_command,
    "list": list_command,
    "reap": reap_command,
    "tag": tag_command,
    "note": note_command,
    "delete": delete_command,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Execute a command, and return the exit status."""
    arguments = make_parser(__doc__).parse_args(argv)
    try:
        return _COMMANDS[arguments.command](arguments)
    except PyMongoError as error:
        warn(f"observers: MongoDB {problem_of(error)}")
        return 1
    except (ValueError, OSError) as error:
        warn(f"observers: {line_of_error(error)}")
        return 1
    except KeyboardInterrupt:
        warn("observers: interrupted")
        return 128 + signal.SIGINT


if __name__ == "__main__":
    run_program("observers", main)
