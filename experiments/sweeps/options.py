"""Reads the command line of a sweep."""

import argparse
import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import experiments
from experiments.experiment import WordExperiment
from experiments.pipeline.config import LARGEST_SEED, hint
from experiments.pipeline.errors import UserError, refuse_other_encodings
from experiments.pipeline.processors import usable_processors
from experiments.recording.layout import RUNS
from experiments.sweeps.planning.grid import MAXIMUM, Grid, read_grid
from experiments.sweeps.planning.part import Part, read_part
from experiments.sweeps.trials.options import SearchOptions, add_search_options, read_search
from observers.mongodb.address import Address, find_address

MOST_JOBS = 256
"""Concurrent runs of a sweep: each is a process with TensorFlow, and on a cluster a thread of the sweep as well."""

_NO_EXPERIMENTS = ("experiment", "laboratory", "pruning", "sweep")
_EXAMPLES = """\
values:
  hidden=16,32,64  seed=0..4  hidden=16..64..16     lists and ranges, in every combination
  "learning_rate~loguniform(1e-4,1e-1)" --runs 50   random draws; also uniform(a,b), choice(a,b,c)
  fast                                              a named config, or the config.json of a run

Runs that are recorded with the same config and sources are skipped, and interrupted runs are resumed. A failed run
does not end the sweep. Ctrl-C saves the state of every run and ends the sweep; the same command continues it."""


@dataclass(frozen=True)
class SweepOptions:
    """The command line of a sweep.

    Attributes:
        experiment: the name or path of the script.
        grid: the config entries that the sweep sets.
        jobs: the number of concurrent runs.
        draws: the number of draws for each combination, 0 without draws.
        draw_seed: fixes the draws.
        part: the part of the grid that is run here.
        again: whether to repeat recorded runs.
        dry_run: whether to print the runs instead of training them.
        runs: the directory of the runs.
        mongo_db: where the runs are delivered as well, None if nowhere.
        search: how to search where it draws; None draws at random, all at once.
        run_options: the options of every run's command line.
        cluster: the address of a scheduler, or the name of a batch system; None for this machine.
        cluster_options: the options of the batch system, as on the command line.
    """

    experiment: str
    grid: Grid
    jobs: int
    draws: int
    draw_seed: int
    part: Part
    again: bool
    dry_run: bool
    runs: Path
    mongo_db: Address | None
    run_options: Sequence[str]
    search: SearchOptions | None = None
    cluster: str | None = None
    cluster_options: str | None = None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (see --help)")


def read_command_line(arguments: Sequence[str]) -> SweepOptions:
    """Read a command line, without the script.

    Raises:
        UserError: if it cannot be read.
        ValueError: if what names MongoDB, on the command line or in the environment, is no address of one.
    """
    refuse_other_encodings(arguments)
    read = _make_parser().parse_intermixed_args(arguments)
    grid = read_grid([word for word in read.values if word != "with"])
    if grid.draws and read.runs is None:
        raise UserError(f"{next(iter(grid.draws))} is drawn: set the number of draws with --runs NUMBER")
    if read.runs is not None and not grid.draws:
        raise UserError(f"--runs {read.runs} is for draws, and nothing is drawn: write e.g. NAME~uniform(a,b)")
    if read.cluster is None and read.cluster_options is not None:
        raise UserError(f"--cluster-options {read.cluster_options} are for a batch system: add --cluster slurm")
    flags = {"-F": read.file_storage, "-m": read.mongo_db or None}
    run_options = [text for flag, value in flags.items() if value is not None for text in (flag, value)]
    return SweepOptions(
        experiment=read.experiment,
        grid=grid,
        jobs=read.jobs or (usable_processors() if read.cluster is None else MOST_JOBS),
        draws=read.runs or 0,
        draw_seed=read.draw_seed,
        part=read.part,
        again=read.again,
        dry_run=read.dry_run,
        runs=Path(read.file_storage or RUNS),
        mongo_db=find_address(read.mongo_db),
        run_options=[*run_options, *["-e"] * read.enforce_clean],
        search=read_search(read, list(grid.draws)),
        cluster=read.cluster,
        cluster_options=read.cluster_options,
    )


def find_experiment(name: str) -> WordExperiment:
    """Import the experiment of a script in experiments/, by its name or path.

    Raises:
        UserError: if there is none; the message suggests a name or lists the scripts.
    """
    module = Path(name).stem
    known = [found.name for found in pkgutil.iter_modules(experiments.__path__) if not found.ispkg]
    known = [script for script in known if script not in _NO_EXPERIMENTS]
    if module not in known:
        raise UserError(f"there is no experiment {name}: {hint(module, known)}")
    experiment = getattr(importlib.import_module(f"experiments.{module}"), "experiment", None)
    if not isinstance(experiment, WordExperiment):
        raise UserError(f"experiments/{module}.py has no WordExperiment with the name `experiment`")
    return experiment


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python experiments/sweep.py",
        usage="%(prog)s EXPERIMENT [NAME=VALUES ...] [OPTIONS]",
        description="Runs an experiment for every point of a grid; each run is the same as if started alone.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("experiment", metavar="EXPERIMENT", help="parity, number or another script in experiments/")
    parser.add_argument(
        "values", metavar="NAME=VALUES", nargs="*", help="a config entry with its values, or a named config"
    )
    processors = usable_processors()
    parser.add_argument(
        "-j",
        "--jobs",
        type=_jobs,
        help=f"concurrent runs ({processors} here: the processors that may be used, of a quota a part counts as one;"
        " as many as a cluster has)",
    )
    parser.add_argument("--runs", type=_count, help="number of draws for each combination")
    add_search_options(parser)
    parser.add_argument(
        "--draw-seed", type=_seed, default=0, metavar="SEED", help="fixes the draws, not the seed of a run (0)"
    )
    parser.add_argument(
        "--part",
        type=_part,
        default=Part(),
        metavar="I/N",
        help="run part I of N, from 0, as the task of an array job",
    )
    parser.add_argument("--again", action="store_true", help="repeat runs that are recorded already")
    parser.add_argument("--dry-run", action="store_true", help="print what would be run, and train nothing")
    parser.add_argument("-F", "--file_storage", metavar="RUNS", help="directory of the runs (runs)")
    parser.add_argument("-m", "--mongo_db", metavar="URL", help="deliver the runs to MongoDB, too")
    parser.add_argument("-e", "--enforce_clean", action="store_true", help="refuse sources that are not committed")
    parser.add_argument(
        "--cluster",
        metavar="CLUSTER",
        help="run on a cluster: the address of a scheduler of Dask's, a batch system such as slurm, or local",
    )
    parser.add_argument(
        "--cluster-options", metavar="NAME=VALUE,...", help="of a batch system: queue=...,cores=...,walltime=..."
    )
    return parser


def _count(text: str, most: int = MAXIMUM) -> int:
    if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 to {most}")
    return int(text)


def _jobs(text: str) -> int:
    return _count(text, max(MOST_JOBS, usable_processors()))


def _part(text: str) -> Part:
    try:
        return read_part(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 10 or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 to {LARGEST_SEED}")
    return int(text)
