"""The experiment that parity and number both are: its config, its training and the order of calls.

Sacred takes the file that creates an Experiment for the main file of the run, so each script creates its own and
has it equipped here. TensorFlow takes seconds to import: it is, and all that stands on it, when a command needs
it and the config has been checked, and not before.
"""

import inspect
import logging
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sacred import SETTINGS, Experiment
from sacred.run import Run
from sacred.utils import SacredInterrupt

from core.tasks import TASKS
from experiments import steps
from experiments.asking import EXPORT
from experiments.commands import ARGUMENTS, ON_TENSORFLOW, add_commands
from experiments.interrupts import INTERRUPTS
from experiments.phases import Phases, costs
from experiments.quiet import import_tensorflow
from experiments.report import show_examples, show_measures
from experiments.resuming import MODEL
from experiments.settings import FAST, LARGEST_SEED, RefusedError, SharedConfig, check_config
from experiments.sources import add_difference, register_sources
from observers.run_directory import RunDirectoryObserver, directory_of

ROOT = Path(__file__).resolve().parent.parent

_ON_TENSORFLOW = ("train", "print_dependencies", *ON_TENSORFLOW)
_ON_RECORD = ("train", "print_dependencies")
_ARGUMENTS = {**ARGUMENTS, "save_config": ("config_filename",)}


class DivergedInterrupt(SacredInterrupt):
    """Ends a run whose loss is no longer finite: a result, not a failure."""

    STATUS = "DIVERGED"


def equip(experiment: Experiment) -> None:
    """Give an experiment the shared config, its checks, and all its commands."""
    SETTINGS.CAPTURE_MODE = "no"  # the observer of the directory copies the output itself
    experiment.configurations.append(SharedConfig())
    experiment.add_named_config("fast", dict(FAST))
    _check_before_run(experiment)
    draw_examples = experiment.capture(steps.draw_examples)
    build_network = experiment.capture(steps.build_network)
    fit = experiment.capture(steps.fit)
    measure = experiment.capture(steps.measure)
    add_commands(experiment, build_network)

    @experiment.main
    def train(_run: Run, task: str) -> float:
        """Train a network on number words, and measure it on words that it has never seen."""
        from core.characters import make_alphabet, save_alphabet
        from core.export import export as write_export
        from core.hparams import write_hparams
        from core.resume import adopt_state

        with costs(_run.info) as phases, _model_directory(_run) as model_dir:
            phases.enter("data")
            examples = draw_examples()
            alphabet = make_alphabet(examples["train"].words)
            show_examples(task, examples, _run.config["seed"])
            save_alphabet(alphabet, model_dir)
            if "parent" in _run.info:
                adopt_state(Path(_run.info["parent"]["directory"]) / MODEL, model_dir)
            phases.enter("graph")
            write_hparams(model_dir, _run.config, trial=f"run {_run._id}")
            network = build_network(alphabet, model_dir)
            with _divergence(_run), INTERRUPTS.deferred() as heed:
                best_step, last_step = fit(network, examples, alphabet, _run.log_scalar, phases, heed)
            phases.enter("evaluation")
            _run.info.update(best_step=best_step, last_step=last_step)
            measured = measure(network, examples, alphabet, _run.log_scalar)
            phases.enter("export")
            write_export(network, alphabet=alphabet, language=_run.config["language"], directory=model_dir / EXPORT)
            _add_archive(_run, model_dir / EXPORT)
        show_measures(measured, examples, best_step, last_step)
        return measured["test"][TASKS[task].result]


def _check_before_run(experiment: Experiment) -> None:
    """Check every config, import TensorFlow where it is needed, and name each run."""
    phases = Phases({})

    @experiment.config_hook
    def check(config: dict[str, Any], command_name: str, logger: logging.Logger) -> dict[str, Any]:
        check_config(config, _ARGUMENTS.get(command_name, ()))
        seed = {"seed": config.get("seed", secrets.randbelow(LARGEST_SEED + 1))} if command_name == "train" else {}
        if seed and (config["cover_parts"] or config["language"] != "de"):
            _refuse_value_errors(lambda: steps.draw_examples(**_arguments(steps.draw_examples, {**config, **seed})))
        if command_name in _ON_TENSORFLOW:
            phases.enter("import")
            import_tensorflow()
            phases.enter(None)
        if command_name in _ON_RECORD:
            register_sources(experiment, ROOT)
        return seed

    @experiment.pre_run_hook
    def identify(_run: Run) -> None:
        _run.info["seconds"] = dict(phases.seconds)
        add_difference(_run, ROOT)
        for observer in _run.observers:
            if isinstance(observer, RunDirectoryObserver):
                observer.take_points(_run)


@contextmanager
def _model_directory(run: Run) -> Iterator[Path]:
    """Provide the place of the model: in the run's directory, or for an unobserved run one that vanishes."""
    directory = directory_of(run.observers)
    if directory is None:
        with tempfile.TemporaryDirectory() as vanishing:
            yield Path(vanishing)
    else:
        (directory / MODEL).mkdir()
        yield directory / MODEL


@contextmanager
def _divergence(run: Run) -> Iterator[None]:
    """End the run as DIVERGED, its step in info, when the loss is no longer finite."""
    from core.estimator import DivergedError

    try:
        yield
    except DivergedError as error:
        run.info["diverged_at_step"] = error.step
        print(f"Diverged: {error}. A smaller learning_rate may help.")
        raise DivergedInterrupt(str(error)) from error


def _add_archive(run: Run, directory: Path) -> None:
    """Add the exported network to the artifacts of a run, as export.zip."""
    with tempfile.TemporaryDirectory() as vanishing:
        archive = shutil.make_archive(str(Path(vanishing) / "export"), "zip", directory)
        run.add_artifact(archive, content_type="application/zip")


def _refuse_value_errors(function: Callable[[], Any]) -> Any:
    """Call a function; what it says of a value that cannot be is one line for a person."""
    try:
        return function()
    except ValueError as error:
        raise RefusedError(error) from error


def _arguments(function: Callable[..., Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the config entries that a function asks for."""
    return {name: config[name] for name in inspect.signature(function).parameters}
