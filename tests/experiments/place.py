"""A directory in which tests run the scripts as a user does on the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from observers.system.process import is_alive
from tests.experiments.warm_process import WarmProcess, fork_server
from tests.leftovers import kill_sessions

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "experiments" / "parity.py"
SWEEP = ROOT / "experiments" / "sweep.py"

_READ_AT_START = ("PYTHON", "LC_", "LANG", "TF_")  # prefixes of environment variables

Process = subprocess.Popen[str] | WarmProcess


@dataclass(frozen=True)
class Place:
    """A working directory, and the processes that were started there, each in a session of its own."""

    directory: Path
    started: list[Process] = field(default_factory=list, compare=False, repr=False)

    def start(
        self,
        *arguments: str,
        script: Path = SCRIPT,
        typed: str = "",
        ignored: Collection[int] = (),
        cold: bool = False,
        **environment: str,
    ) -> Process:
        """Start a script in a process of its own.

        The process handles SIGINT, SIGQUIT and SIGHUP even if the tests run in the background or under nohup, which
        ignore all three.

        Args:
            arguments: of the command line.
            script: what to run.
            typed: what it reads from standard input, shorter than the buffer of a pipe.
            ignored: signals that the process ignores.
            cold: start Python anew, which takes seconds; otherwise fork a process that has imported TensorFlow.
            environment: variables to add; MONGO_URL is not inherited.
        """
        inherited = {name: value for name, value in os.environ.items() if name != "MONGO_URL"}
        start = _start_python if cold else fork_server().start
        assert cold or not [name for name in environment if name.startswith(_READ_AT_START)], "needs cold=True"
        stdin, our_end = os.pipe()
        with os.fdopen(stdin) as reader:
            with os.fdopen(our_end, "w") as writer:
                writer.write(typed)
            process = start(
                script,
                arguments,
                stdin=reader.fileno(),
                directory=self.directory,
                environment={**inherited, **environment},
                ignored=ignored,
            )
        self.started.append(process)
        return process

    def run(self, *arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """Run a script to its end; takes the same arguments as start."""
        process = self.start(*arguments, **how)
        try:
            out, err = process.communicate(timeout=300)
        except BaseException:
            self.end()
            raise
        return subprocess.CompletedProcess(arguments, process.wait(), out, err)

    def end(self) -> None:
        """Kill what was started here and still runs, and the processes that it has started."""
        for process in self.started:
            process.kill()
            process.wait(timeout=60)
        if self.started:
            kill_sessions({process.pid for process in self.started})
        self.started.clear()

    def read(self, path: str) -> Any:
        """Read a JSON file below the directory."""
        return json.loads((self.directory / path).read_text(encoding="utf-8"))

    def runs(self) -> list[Path]:
        """The directories of the runs below `runs`, in the order of their ids."""
        return sorted(self.directory.glob("runs/[0-9]*"), key=lambda run: int(run.name))

    def await_steps(self, count: int, mark: str = '"step":100,', *, at_once: bool = False) -> None:
        """Wait until `count` runs have trained a hundred steps.

        Args:
            count: of runs, also of those that have ended.
            mark: what their journals have then.
            at_once: let each wait for the others, so that none has ended: it is stopped until all have trained so far.
        """
        deadline = time.monotonic() + 300
        stopped: set[Path] = set()
        try:
            while time.monotonic() < deadline:
                trained = {run for run in self.runs() if _has_in_journal(run, mark)}
                if len(trained) >= count:
                    return
                for run in trained - stopped if at_once else ():
                    _signal(run, signal.SIGSTOP)
                    stopped.add(run)
                time.sleep(0.05)
            pytest.fail(f"no {count} runs train")
        finally:
            for run in stopped:
                _signal(run, signal.SIGCONT)


def entry(run: Path) -> Any:
    """Read run.json, the record of a run as a whole."""
    return json.loads((run / "run.json").read_text(encoding="utf-8"))


def _has_in_journal(run: Path, mark: str) -> bool:
    journal = run / "metrics.jsonl"
    return journal.exists() and mark in journal.read_text(encoding="utf-8")


def _signal(run: Path, number: int) -> None:
    """Send a signal to the process of a run, if it is alive."""
    process = entry(run)["process"]
    if is_alive(process):
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(process["pid"], number)


def points(run: Path) -> list[tuple[str, int, float]]:
    """Read name, step and value of every metric point of a run, without the speed."""
    logged = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        (point["name"], point["step"], point["value"]) for point in logged if point["name"] != "train/steps_per_second"
    ]


def metrics_of(run: Path) -> dict[str, tuple[list[int], list[float]]]:
    """Read steps and values of every metric in metrics.json, without the speed."""
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    return {
        name: (points["steps"], points["values"])
        for name, points in metrics.items()
        if name != "train/steps_per_second"
    }


def _start_python(
    script: Path,
    arguments: Sequence[str],
    *,
    stdin: int,
    directory: Path,
    environment: Mapping[str, str],
    ignored: Collection[int],
) -> subprocess.Popen[str]:
    def set_signals() -> None:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        cwd=directory,
        env=environment,
        preexec_fn=set_signals,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
