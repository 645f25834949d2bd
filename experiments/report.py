"""Tells a person what came out of a run, and what can be done with it."""

import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from sacred import Experiment

from core.examples import Split
from experiments.resuming import can_be_resumed
from observers.mongo import LiveDeliveryObserver
from observers.run_directory import directory_of

WORD_WIDTH = 32
"""Characters of the first column, which longer words exceed."""


def show_examples(task: str, examples: Mapping[str, Split], seed: int) -> None:
    """Print what is learned from how many words, and the seed that would give the same run again."""
    sizes = ", ".join(f"{split} {len(drawn.words)}" for split, drawn in examples.items())
    print(f"{task}, for example {examples['train'].words[0]}; words: {sizes}; seed {seed}")


def show_measures(
    measured: Mapping[str, Mapping[str, float]], examples: Mapping[str, Split], best_step: int, last_step: int
) -> None:
    """Print the measures of each split, and which checkpoint they are of."""
    for split, measures in measured.items():
        numbers = examples[split].numbers
        shown = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in measures.items())
        print(f"{split}: {shown}, on {len(numbers)} numbers from {numbers.min()} to {numbers.max()} never seen")
    print(f"measured with the checkpoint of step {best_step}; training ended at step {last_step}")


def show_answers(words: Iterable[str], answers: Iterable[Mapping[str, float]], headings: Mapping[str, str]) -> None:
    """Print a table of words and answers, a row a word, as they come; say in the end what could not be read."""
    print("  ".join(["word".ljust(WORD_WIDTH), *headings.values()]))
    unread = 0
    for word, answer in zip(words, answers, strict=True):
        cells = [f"{answer[name]:.6g}" if answer["readable"] else "-" for name in headings]
        row = [cell.rjust(len(heading)) for cell, heading in zip(cells, headings.values(), strict=True)]
        print("  ".join([word.ljust(WORD_WIDTH), *row]))
        unread += not answer["readable"]
    if unread:
        print(f"not read: {unread}, empty, too long, or of characters that training has not seen", file=sys.stderr)


def show_where(experiment: Experiment) -> None:
    """Print where the run lies, and the commands that go on from there; nothing for a run that is not recorded."""
    run = experiment.current_run
    directory = directory_of(run.observers) if run is not None else None
    if directory is None:
        return
    runs = shlex.quote(str(directory.parent))
    script = typed_script(experiment)
    into = "" if directory.parent == Path("runs") else f" -F {runs}"
    deliveries = [observer for observer in run.observers if isinstance(observer, LiveDeliveryObserver)]
    in_mongo = [f", in MongoDB as {observer.run_id}" for observer in deliveries if observer.run_id is not None]
    resume = f"\n  go on     {script} with resume={directory.name}{into}" if can_be_resumed(directory) else ""
    print(f"""
{run.status.lower()}; recorded in {directory}{"".join(in_mongo)}{resume}
  see it    {_bin()}tensorboard --logdir {runs}
  ask it    {script} predict with run={directory.name} words="elf,zwanzig"{into}
  repeat    {script} with {shlex.quote(str(directory / "config.json"))}{into}""")
    if run.status == "COMPLETED":
        print(f"""\
  sweep     for hidden in 16 32 64; do {script} with hidden=$hidden{into}; done
  compare   {_bin()}python -m analysis.runs {runs}""")


def typed_script(experiment: Experiment) -> str:
    """Write how one starts the script of an experiment here."""
    return f"{_bin()}python {shlex.quote(os.path.relpath(experiment.mainfile.filename))}"


def _bin() -> str:
    """The directory of this Python's programs, as one has to type it; nothing when it is on the PATH."""
    programs = Path(sys.executable).parent
    if str(programs) in os.environ.get("PATH", "").split(os.pathsep):
        return ""
    return f"{os.path.relpath(programs)}/" if programs.is_relative_to(Path.cwd()) else f"{programs}/"
