"""Commands over runs that somebody has tampered with."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from analysis.commands.main import main as analysis
from observers.__main__ import main as observers
from tests.benchmarks.disturbed.place import Place, make_place
from tests.benchmarks.measuring.forks import Fork
from tests.benchmarks.measuring.tally import Tally, Try, thin, try_all
from tests.observers.hostile import CONTROL_CHARACTERS, SECRET, plant

_SECONDS = 100.0  # that a command takes at most
_OBSERVERS = (
    "list",
    "reap",
    "tag --where hidden=8",
    "tag 1..3 --add good",
    "note --where train/loss<=0.5",
    "sync",
    "sync --verify",
    "restore",
    "delete 1..9999 --yes",
)
_ANALYSIS = ("table", "groups", "best", "failed", "duplicates", "diff 2 133", "diff 2 190", "plot", "report")


def hostile_directory(server: str, scale: float) -> Iterator[Tally]:
    """Run every command over hostile runs; each opens files under the eyes of strace."""
    commands = [*((observers, each) for each in _OBSERVERS), *((analysis, each) for each in _ANALYSIS)]
    with tempfile.TemporaryDirectory() as directory:
        place = Place(Path(directory), f"{server}/unused")
        place.record(3)
        (place.directory / "outside").mkdir()
        count = len(plant(place.runs / "1", place.directory / "outside"))
        tries = [(server, place.directory, *command) for command in thin(commands, scale)]
        yield Tally(f"a command reads {count} runs that somebody has tampered with", try_all(try_command, tries))


def try_command(server: str, hostile: Path, program: Callable[[Sequence[str]], int], command: str) -> Try:
    """Run a command over a copy of the hostile runs; their links lead to the directory outside of the original."""
    with make_place(server) as place:
        attempt, outside = Try("without harm: nothing outside read, changed or executed"), hostile / "outside"
        subprocess.run(["cp", "-a", "--sparse=always", hostile / "runs", place.runs], check=True)
        content = {path.name: path.read_text() for path in outside.iterdir()}
        name, *options = command.split()
        if program is analysis:
            files = ["-o", str(place.directory / f"{name}.{'png' if name == 'plot' else 'html'}")]
            line = [name, str(place.runs), *options, *(files if name in ("plot", "report") else [])]
        else:
            line = place.command(name, *options)
        ended = Fork(program, line, trace="openat,unlink,unlinkat,rename").wait()
        attempt.expect(ended.status is not None and ended.seconds < _SECONDS, f"it takes {ended.seconds:.0f} s")
        attempt.expect("Traceback" not in ended.printed, ended.printed[-500:])
        attempt.expect(SECRET not in ended.printed, "it prints what is outside")
        attempt.expect(not CONTROL_CHARACTERS.search(ended.printed), "it prints control characters")
        attempt.expect({path.name: path.read_text() for path in outside.iterdir()} == content, "files outside changed")
        attempt.expect(any(str(place.runs) in call for call in ended.calls), "strace has seen nothing")
        touched = [call for call in ended.calls if str(outside / "secret") in call and "= -1" not in call]
        attempt.expect(not touched, f"it opens {touched[:1]}")
        attempt.problems[:] = [f"{program.__module__} {command}: {problem}" for problem in attempt.problems]
        return attempt
