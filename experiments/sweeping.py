"""Runs an experiment for every point of a grid, several at once, each as if it had been started alone."""

import argparse
import functools
import importlib
import os
import queue
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from sacred import Experiment

from experiments import command_line
from experiments.grid import Grid, read_grid
from experiments.laboratory import ROOT
from experiments.output import protect_output
from experiments.planning import Planned, Store, plan, typed
from experiments.quiet_run import Outcome, train
from experiments.recording import RUNS, check_options
from experiments.scores import Score, Scoreboard, best, described, outcome, table
from experiments.settings import RefusedError, hint
from experiments.sources import digests, without_secrets
from experiments.sweep_options import read_request
from experiments.warm import HEEDED, WarmExecutor
from observers.database import read_address
from observers.stored_runs import read_run, read_runs

_WARM = "tensorflow core.estimator core.arithmetic core.export core.hparams git experiments.command_line".split()


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Do what the command line asks, and exit.

    The exit status is 0 when every run has its result, 1 when one has not or the sweep was refused, and 128 + signal
    when the sweep was interrupted.
    """
    protect_output()
    try:
        sys.exit(_sweep(read_request(sys.argv[1:] if argv is None else argv)))
    except KeyboardInterrupt:
        print("sweep: interrupted before anything was run", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    except Exception as error:
        line = " ".join(str(error).split()) or repr(error)
        print(f"sweep: {without_secrets(line)}", file=sys.stderr)
        sys.exit(1)


def _sweep(asked: argparse.Namespace) -> int:
    experiment = _find_experiment(asked.experiment)
    grid = read_grid(asked.values)
    sources = digests(ROOT)
    planned = _plan(experiment, grid, asked, sources)
    waiting = [run for run in planned if run.to_be_run]
    _announce(planned, waiting)
    done, stopped = _train_all(experiment, waiting, grid, asked.jobs, sources) if waiting else ([], None)
    results = iter(done)
    told = [next(results) if run.to_be_run else _stored_score(run) for run in planned]
    scores = [score for score in told if score is not None]
    print(f"\n{table(scores, grid.varied)}")
    if leader := best(scores, grid.varied) if len(scores) > 1 else "":
        print(leader)
    missing = [score for score in scores if score.result is None]
    if missing and stopped is None:
        print(f"\nwithout a result: {len(missing)}")
        for score in missing:
            where = f"  {score.where}" if score.run is not None else ""
            print(f"  {described(score.values, grid.varied)}: {outcome(score)}{where}")
    if stopped is not None:
        print(f"\ninterrupted; not begun: {len(planned) - len(scores)}; the same command goes on")
        return 128 + stopped
    return int(any(score.trouble is not None for score in scores))


def _plan(experiment: Experiment, grid: Grid, asked: argparse.Namespace, sources: Mapping[str, str]) -> list[Planned]:
    """Refuse what cannot be run, before anything is."""
    if grid.draws and asked.runs is None:
        raise RefusedError(f"{next(iter(grid.draws))} is drawn: say how often with --runs NUMBER")
    if asked.runs is not None and not grid.draws:
        raise RefusedError(f"--runs {asked.runs} is for draws, and nothing is drawn: NAME~uniform(a,b) would be")
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
    known = read_runs(runs, lambda _: None) if runs.is_dir() and not asked.again else []
    store = Store(known, script=experiment.mainfile.to_json(str(ROOT))[0], sources=sources)
    points = grid.points(asked.runs or 0, asked.draw_seed)
    return plan(experiment, points, named_configs=grid.named_configs, options=options, store=store)


def _announce(planned: Sequence[Planned], waiting: Sequence[Planned]) -> None:
    there = len(planned) - len(waiting)
    begun, outdated = sum(run.resumes for run in waiting), sum(run.outdated for run in waiting)
    parts = [f"{len(waiting)} to be run, as soon as TensorFlow is imported"] if waiting else []
    parts += [f"{begun} of them from where it was interrupted"] if begun else []
    parts += [f"{outdated} of them again, since sources have changed"] if outdated else []
    parts += [f"{there} there already (--again repeats them)"] if there else []
    print("; ".join(parts), flush=True)


def _train_all(
    experiment: Experiment, waiting: Sequence[Planned], grid: Grid, jobs: int, sources: Mapping[str, str]
) -> tuple[list[Score | None], int | None]:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for the server, which imports TensorFlow
    script = Path(experiment.mainfile.filename)
    call = functools.partial(train, script.stem, typed(script), sources=sources)
    board = Scoreboard(len(waiting), grid.varied)
    with WarmExecutor(min(jobs, len(waiting)), [*_WARM, f"experiments.{script.stem}"]) as executor:
        return run_all(executor, call, waiting, board)


def run_all(
    executor: Executor, call: Callable[[Sequence[str]], Outcome], planned: Sequence[Planned], board: Scoreboard
) -> tuple[list[Score | None], int | None]:
    """Run what is planned, each in a process of its own that the executor provides.

    Args:
        executor: calls functions; signals are handed on to its processes if it is a WarmExecutor.
        call: trains with the arguments of a command line.
        planned: the runs.
        board: is told of each run as it ends.

    Returns:
        What came out of each, None of what was not begun; and the signal that ended the sweep, None when none did.
    """
    scores: list[Score | None] = [None for _ in planned]
    futures: dict[Future[Outcome], int] = {}
    with _heeded(executor, futures) as stopped:
        for place, run in enumerate(planned):
            futures[executor.submit(call, run.arguments)] = place
        for future in as_completed(futures):
            place = futures[future]
            score = scores[place] = _score(planned[place], future)
            if score is not None:
                board.add(score)
    board.close()
    return scores, next(iter(stopped), None)


@contextmanager
def _heeded(executor: Executor, futures: Mapping[Future[Outcome], int]) -> Iterator[list[int]]:
    """Hand signals on to the runs that are under way, and begin no other; provide the signals that came.

    A thread does so: the main one, which signals interrupt, may hold what it would have to wait for.
    """
    came: list[int] = []
    signals: queue.SimpleQueue[int | None] = queue.SimpleQueue()

    def hand_on() -> None:
        while (number := signals.get()) is not None:
            came.append(number)
            for future in list(futures):
                future.cancel()
            if isinstance(executor, WarmExecutor):
                executor.stop(number)

    def take(number: int, frame: FrameType | None) -> None:
        signals.put(number)

    thread = threading.Thread(target=hand_on, daemon=True)
    thread.start()
    numbers = [number for number in HEEDED if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, take) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signals.put(None)
        thread.join()


def _stored_score(planned: Planned) -> Score:
    """Tell of a run that is there already."""
    return Score(planned.values, planned.stored, "still runs" if planned.under_way else None)


def _score(planned: Planned, future: Future[Outcome]) -> Score | None:
    """Tell what came out of a run, None when it was not begun."""
    try:
        outcome = future.result()
    except CancelledError:
        return None
    except KeyboardInterrupt:
        return Score(planned.values, None, "interrupted before it was recorded")
    except Exception as error:
        return Score(planned.values, None, str(error) or repr(error))
    run = None
    if outcome.directory is not None:
        with suppress(ValueError, OSError):
            run = read_run(outcome.directory)
    if outcome.exit_status == 0:
        return Score(planned.values, run, None, outcome.said)
    said = outcome.said.splitlines() or [f"exit status {outcome.exit_status}"]
    status = run.status if run is not None else "refused"
    reason = (run and reason_of(run.entry.get("fail_trace"))) or said[-1]
    return Score(planned.values, run, status if outcome.exit_status > 128 else f"{status}: {reason}")


def reason_of(trace: object) -> str:
    """Say in a line why a run has failed, from the trace that is recorded; TensorFlow tells it behind the node."""
    lines = [line for line in str(trace[-1]).splitlines() if line.strip()] if isinstance(trace, list) and trace else []
    node = next((place for place, line in enumerate(lines[:-1]) if line.startswith("Node: ")), None)
    if node is None:
        return lines[0] if lines else ""
    return f"{lines[0].partition(':')[0].rpartition('.')[2]}: {lines[node + 1]}"


def _find_experiment(name: str) -> Experiment:
    """Find the experiment of a script, by its name or path.

    Raises:
        RefusedError: lists those that there are.
    """
    known = [
        path.stem
        for path in sorted((ROOT / "experiments").glob("*.py"))
        if re.search(r"^laboratory\.equip\(experiment\)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    stem = Path(name).stem
    if stem not in known:
        raise RefusedError(f"there is no experiment {name}: {hint(stem, known)}")
    experiment: Experiment = importlib.import_module(f"experiments.{stem}").experiment
    return experiment
