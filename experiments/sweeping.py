"""Runs an experiment for every point of a grid, several at once, each as if it had been started alone."""

import argparse
import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sacred import Experiment
from sacred.utils import SacredError

from experiments import command_line
from experiments.grid import Grid, read_grid
from experiments.laboratory import ROOT
from experiments.planning import Planned, Store, plan, typed
from experiments.recording import RUNS, check_options
from experiments.scores import Score, Scoreboard, described, table
from experiments.settings import RefusedError
from experiments.sources import without_secrets
from experiments.sweep_options import read_request
from experiments.warm import HEEDED, ProcessDiedError, WarmExecutor
from observers.database import read_address
from observers.run_directory import directory_of
from observers.stored_runs import read_run, read_runs

_WARM = "tensorflow core.estimator core.arithmetic core.export core.hparams git experiments.command_line".split()


@dataclass(frozen=True)
class Outcome:
    """How the process of a run ended.

    Attributes:
        exit_status: of the command line of the run.
        directory: of the run, None when there is none.
        said: what it printed on standard error.
    """

    exit_status: int
    directory: Path | None
    said: str


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Do what the command line asks, and exit.

    The exit status is 0 when every run has its result, 1 when one has not or the sweep was refused, and 128 + signal
    when the sweep was interrupted.
    """
    try:
        sys.exit(_sweep(read_request(sys.argv[1:] if argv is None else argv)))
    except SacredError as error:
        line = " ".join(str(error).split())
        print(f"sweep: {without_secrets(line)}", file=sys.stderr)
        sys.exit(1)


def train(name: str, script: str, arguments: Sequence[str]) -> Outcome:
    """Run an experiment in this process, which is its alone, as its script does; nothing is shown.

    Args:
        name: of the experiment's module.
        script: as it would have been typed.
        arguments: of its command line.
    """
    sys.argv = [script, *arguments]
    with tempfile.TemporaryFile() as said, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(said.fileno(), 2)
        experiment = importlib.import_module(f"experiments.{name}").experiment
        status = command_line.obey(experiment, arguments)
        run = experiment.current_run
        sys.stderr.flush()
        said.seek(0)
        text = said.read().decode("utf-8", "replace").strip()
    return Outcome(status, directory_of(run.observers) if run else None, text)


def _sweep(asked: argparse.Namespace) -> int:
    experiment = _find_experiment(asked.experiment)
    grid = read_grid(asked.values)
    planned = _plan(experiment, grid, asked)
    waiting = [run for run in planned if run.to_be_run]
    _announce(planned, waiting)
    scores, stopped = _train_all(experiment, waiting, grid, asked.jobs) if waiting else ([], None)
    had = [Score(run.values, run.stored, None) for run in planned if not run.to_be_run]
    print(f"\n{table([*had, *scores], grid.varied)}")
    failed = [score for score in scores if score.trouble is not None]
    if failed and stopped is None:
        print(f"\nwithout a result: {len(failed)}")
        print("\n".join(f"  {described(score.values, grid.varied)}: {score.trouble}" for score in failed))
    if stopped is not None:
        print(f"\ninterrupted, {len(waiting) - len(scores)} runs were not begun; the same command goes on")
        return 128 + stopped
    return int(bool(failed))


def _plan(experiment: Experiment, grid: Grid, asked: argparse.Namespace) -> list[Planned]:
    """Refuse what cannot be run, before anything is."""
    if bool(grid.draws) != (asked.runs is not None):
        raise RefusedError("--runs says how many draws of NAME~uniform(a,b) there are: one goes with the other")
    flags = {"-F": asked.file_storage, "-m": asked.mongo_db}
    options = [text for flag, value in flags.items() if value is not None for text in (flag, value)]
    options += ["-e"] * asked.enforce_clean
    check_options(experiment, command_line.read_options(experiment, options), grid.named_configs)
    if asked.mongo_db or "MONGO_URL" in os.environ:
        try:
            read_address(asked.mongo_db or os.environ["MONGO_URL"])
        except ValueError as error:
            raise RefusedError(error) from error
    runs = Path(asked.file_storage or RUNS)
    store = None
    if runs.is_dir() and not asked.again:
        store = Store(read_runs(runs, lambda _: None), experiment.mainfile.to_json(str(ROOT))[0])
    points = grid.points(asked.runs or 0, asked.draw_seed)
    return plan(experiment, points, named_configs=grid.named_configs, options=options, store=store)


def _announce(planned: Sequence[Planned], waiting: Sequence[Planned]) -> None:
    there = len(planned) - len(waiting)
    begun = sum(run.resumes for run in waiting)
    parts = [f"{len(waiting)} runs to do"] if waiting else []
    parts += [f"{begun} of them go on where they were interrupted"] if begun else []
    parts += [f"{there} are there already (--again runs them all the same)"] if there else []
    print("; ".join(parts), flush=True)


def _train_all(
    experiment: Experiment, waiting: Sequence[Planned], grid: Grid, jobs: int
) -> tuple[list[Score], int | None]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for the server, which imports TensorFlow
    script = Path(experiment.mainfile.filename)
    board = Scoreboard(len(waiting), grid.varied)
    with WarmExecutor(min(jobs, len(waiting)), [*_WARM, f"experiments.{script.stem}"]) as executor:
        return run_all(executor, waiting, experiment=script.stem, script=typed(script), board=board)


def run_all(
    executor: Executor, planned: Sequence[Planned], *, experiment: str, script: str, board: Scoreboard
) -> tuple[list[Score], int | None]:
    """Run what is planned, each in a process of its own that the executor provides.

    Args:
        executor: calls `train`; signals are handed on to its processes if it is a WarmExecutor.
        planned: the runs.
        experiment: the name of its module.
        script: as it would be typed.
        board: is told of each run as it ends.

    Returns:
        What came out of the runs that were begun, and the signal that ended the sweep, None when none did.
    """
    scores = []
    futures = {executor.submit(train, experiment, script, run.arguments): run for run in planned}
    with _heeded(executor, futures) as stopped:
        for future in as_completed(futures):
            score = _score(futures[future], future)
            if score is not None:
                scores.append(score)
                board.add(score)
    board.close()
    return scores, next(iter(stopped), None)


@contextmanager
def _heeded(executor: Executor, futures: Iterable[Future[Outcome]]) -> Iterator[list[int]]:
    """Hand signals on to the runs that are under way, and begin no other; provide the signals that came."""
    came: list[int] = []

    def hand_on(number: int, frame: FrameType | None) -> None:
        came.append(number)
        for future in futures:
            future.cancel()
        if isinstance(executor, WarmExecutor):
            executor.stop(number)

    numbers = [number for number in HEEDED if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, hand_on) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _score(planned: Planned, future: Future[Outcome]) -> Score | None:
    """Tell what came out of a run, None when it was not begun."""
    try:
        outcome = future.result()
    except CancelledError:
        return None
    except (ProcessDiedError, KeyboardInterrupt) as error:
        return Score(planned.values, None, str(error) or "interrupted before it was recorded")
    run = None
    if outcome.directory is not None:
        with suppress(ValueError, OSError):
            run = read_run(outcome.directory)
    if outcome.exit_status == 0:
        return Score(planned.values, run, None)
    said = outcome.said.splitlines() or [f"exit status {outcome.exit_status}"]
    status = run.status if run is not None else "refused"
    return Score(planned.values, run, status if outcome.exit_status > 128 else f"{status}: {said[-1]}")


def _find_experiment(name: str) -> Experiment:
    """Find the experiment of a script, by its name or path.

    Raises:
        RefusedError: lists those that there are.
    """
    known = [
        path.stem
        for path in sorted((ROOT / "experiments").glob("*.py"))
        if "laboratory.equip(experiment)" in path.read_text(encoding="utf-8")
    ]
    if Path(name).stem not in known:
        raise RefusedError(f"there is no experiment {name}: there are {', '.join(known)}")
    experiment: Experiment = importlib.import_module(f"experiments.{Path(name).stem}").experiment
    return experiment
