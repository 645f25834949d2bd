"""Compares searches: TPE that prunes against random trials that train to their end, with the same processor time.

    python -m tests.benchmarks.search [--trials 50] [--seeds 0 1 2] [--jobs 1] [--config NAME=VALUE ...] [-F DIRECTORY]

Both search the learning rate, its warmup and the sizes of the network for the task number. The random trials are
trained first; their processor time is the budget of the other search, which starts no trial once it is used up. The
table has the best validation of each, for each seed of the searches. With one job, TPE knows all earlier trials when
it chooses the next. With -F, the same command goes on after an interruption, and several with a seed each can share a
directory. It takes half an hour.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tabulate import tabulate

from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.options import find_experiment, read_command_line
from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.results import RunResult
from experiments.sweeps.search.opening import find_searches, open_search
from experiments.sweeps.search.source import Search
from experiments.sweeps.training import train_all
from tests.benchmarks.measuring.arguments import make_parser, read_arguments

SPACE = (
    "learning_rate~loguniform(1e-4,1e-1)",
    "hidden~uniform(8,64)",
    "embedding~uniform(4,32)",
    "warmup~uniform(0,150)",
)
CONFIG = ["head=digits", "max_steps=300", "evaluate_every=30", "seed=0"]
MOST = 1000  # trials that fit into any budget


class Budget:
    """Hands out the trials of a search until their processor time is used up."""

    def __init__(self, search: Search, seconds: float) -> None:
        """Limit a search to seconds of processor time, those of its earlier runs included."""
        self._search, self._seconds = search, seconds
        self._used = sum(map(cpu_seconds, search.results))

    def take(self) -> PlannedRun | None:
        """Return the next run, None if the time is used up."""
        return self._search.take() if self._used < self._seconds else None

    def end(self, run: PlannedRun, result: RunResult) -> None:
        """Add the time of a run."""
        self._used += cpu_seconds(result)
        self._search.end(run, result)


def main() -> None:
    """Print the table."""
    sys.path.insert(0, str(ROOT))  # for the forks, which import this file again
    parser = make_parser("tests.benchmarks.search", __doc__)
    parser.add_argument("--trials", type=int, default=50, help="of the random search")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the searches")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--config", nargs="*", default=CONFIG, metavar="NAME=VALUE", help="of every run")
    parser.add_argument("-F", dest="directory", help="directory of the runs, which are kept there")
    tiny = [*CONFIG[:1], "max_steps=2", "evaluate_every=1", "data_size=40", "warmup=0"]
    arguments = read_arguments(parser, tiny={"trials": 2, "seeds": [0], "config": tiny})
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        for seed in arguments.seeds:
            place = Path(arguments.directory or temporary) / str(seed)
            options = [*arguments.config, "--jobs", str(arguments.jobs), "--draw-seed", str(seed)]
            blind = search(place / "random", options, "random", "none", arguments.trials)
            budget = sum(map(cpu_seconds, blind))
            pruned = search(place / "tpe", options, "tpe", "median", MOST, budget)
            rows += [row(seed, "random", blind), row(seed, "TPE, median", pruned)]
            rows.append(row(seed, f"  its first {arguments.trials}", pruned[: arguments.trials]))
    headers = ["seed", "search", "trials", "pruned", "CPU seconds", "best validation", "its test"]
    print(f"\n{tabulate(rows, headers, tablefmt='github', disable_numparse=True, stralign='right')}")


def search(
    runs: Path, given: Sequence[str], sampler: str, pruner: str, trials: int, seconds: float = float("inf")
) -> list[RunResult]:
    """Search, and return the trials whose processor time is within the budget, in the order of their ends."""
    space = [word for word in SPACE if word.partition("~")[0] not in {entry.partition("=")[0] for entry in given}]
    how = ["--search", sampler, "--prune", pruner, "--runs", str(trials), "-F", str(runs)]
    options = read_command_line(["number", *space, *given, *how])
    experiment, sources = find_experiment("number"), source_digests(ROOT)
    found = open_search(experiment, options, sources, find_searches(experiment, options, sources))
    ending = train_all(experiment, Budget(found, seconds), trials, options, sources, lambda: None)
    if ending.stopped_by is not None:
        sys.exit(128 + ending.stopped_by)
    ended, used = [], 0.0
    for result in sorted(found.results, key=_end):
        used += cpu_seconds(result)
        if used <= seconds:
            ended.append(result)
    return ended


def cpu_seconds(result: RunResult) -> float:
    """Return the processor time of a run."""
    return float(result.run.info["cpu_seconds"]) if result.run is not None else 0.0


def row(seed: int, name: str, results: Sequence[RunResult]) -> list[str]:
    """Return a row of the table."""
    best = min((result for result in results if result.is_measured), key=lambda result: result.chosen_by)
    pruned, used = sum(result.is_pruned for result in results), sum(map(cpu_seconds, results))
    return [
        str(seed),
        name,
        str(len(results)),
        str(pruned),
        f"{used:.0f}",
        f"{best.chosen_by:.4g}",
        f"{best.reported:.4g}",
    ]


def _end(result: RunResult) -> str:
    return str(result.run.entry["stop_time"]) if result.run is not None else ""


if __name__ == "__main__":
    main()
