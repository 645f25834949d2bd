"""Decides from the command line and the environment where a run is recorded."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sacred import Experiment
from sacred.config.config_files import load_config_file

from experiments.settings import RefusedError
from experiments.sources import without_secrets
from observers.database import read_address
from observers.mongo import LiveDeliveryObserver
from observers.run_directory import RunDirectoryObserver
from observers.stored_runs import check_place

RUNS = "runs"
_NUMBERS = {"--beat-interval": (0.1, 60), "--priority": (-1e9, 1e9)}
_NOT_HERE = {
    "--queue": "leaves a run that nothing would ever execute; write a loop of the shell",
    **{
        flag: "is no place for runs here: they go to a directory and to MongoDB"
        for flag in ("--s3", "--sql", "--tiny_db")
    },
}
_CAPTURE_MODES = ("no", "sys", "fd")


def check_options(experiment: Experiment, options: Mapping[str, Any], named_configs: Sequence[str]) -> None:
    """Refuse options and config files that Sacred would answer with a traceback.

    Raises:
        RefusedError: names the value and what is allowed.
    """
    for name in named_configs:
        _check_named_config(name, experiment.named_configs)
    for flag, what in _NOT_HERE.items():
        if options[flag]:
            raise RefusedError(f"{flag} {what}")
    for flag, (least, most) in _NUMBERS.items():
        if options[flag] is not None and not _is_number(options[flag], least, most):
            raise RefusedError(f"{flag}={options[flag]} is not a number from {least} to {most}")
    if options["--capture"] not in (None, *_CAPTURE_MODES):
        raise RefusedError(f"--capture={options['--capture']} is not one of {', '.join(_CAPTURE_MODES)}")
    level = options["--loglevel"]
    if level is not None and not level.isdigit() and level not in logging.getLevelNamesMapping():
        raise RefusedError(f"--loglevel={level} is not 0 to 50 or one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    try:
        check_place(Path(options["--file_storage"] or RUNS), options["--id"])
    except ValueError as error:
        raise RefusedError(error) from error


def observe(experiment: Experiment, options: dict[str, Any]) -> None:
    """Attach the observers: a directory always, and MongoDB when -m or MONGO_URL says where.

    Both options are taken out, so that Sacred attaches no observers of its own and stores no address.

    Raises:
        RefusedError: when the address of MongoDB cannot be read.
    """
    directory = RunDirectoryObserver(options["--file_storage"] or RUNS, copy_output=options["--capture"] is None)
    experiment.observers.append(directory)
    address = options["--mongo_db"] or os.environ.get("MONGO_URL")
    options["--file_storage"] = options["--mongo_db"] = None
    options.update({flag: without_secrets(text) for flag, text in options.items() if isinstance(text, str)})
    if address:
        try:
            experiment.observers.append(LiveDeliveryObserver(directory, read_address(address)))
        except ValueError as error:
            raise RefusedError(error) from error


def _check_named_config(name: str, known: Mapping[str, Any]) -> None:
    if not Path(name).is_file():
        if name in known:
            return
        raise RefusedError(
            f"{name} is neither a file nor a named config (known: {', '.join(known)}); entries are NAME=VALUE"
        )
    try:
        content = load_config_file(name)
    except Exception as error:  # whatever a parser may raise on a file that is no config
        raise RefusedError(f"{name} cannot be read as a config: {error}") from error
    if not isinstance(content, dict):
        raise RefusedError(f"{name} holds no config: it is one mapping of names to values")


def _is_number(text: str, least: float, most: float) -> bool:
    try:
        return least <= float(text) <= most
    except ValueError:
        return False
