"""The experiment that parity and number both are: its config, its commands and the order of calls.

Sacred takes the file that creates an Experiment for the main file of the run, so each script creates its own and
has it equipped here. TensorFlow takes seconds to import: it is, and all that stands on it, when a command needs
it and the config has been checked, and not before.
"""

import inspect
import logging
import secrets
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
from experiments.interrupts import INTERRUPTS
from experiments.phases import Phases, costs
from experiments.quiet import import_tensorflow
from experiments.recording import RUNS
from experiments.report import show_answers, show_examples, show_measures
from experiments.resuming import MODEL
from experiments.settings import FAST, LARGEST_SEED, RefusedError, SharedConfig, check_config
from experiments.sources import add_difference, register_sources
from observers.files import read_json
from observers.run_directory import RunDirectoryObserver, directory_of
from observers.stored_runs import find_run

ROOT = Path(__file__).resolve().parent.parent

_ON_TENSORFLOW = ("train", "predict", "print_dependencies")
_ON_RECORD = ("train", "print_dependencies")
_ARGUMENTS = {"predict": ("run", "words"), "save_config": ("config_filename",)}


class DivergedInterrupt(SacredInterrupt):
    """Ends a run whose loss is no longer finite: a result, not a failure."""

    STATUS = "DIVERGED"


def equip(experiment: Experiment) -> None:
    """Give an experiment the shared config, its checks, and the commands train and predict."""
    SETTINGS.CAPTURE_MODE = "no"  # the observer of the directory copies the output itself
    experiment.configurations.append(SharedConfig())
    experiment.add_named_config("fast", dict(FAST))
    _check_before_run(experiment)
    draw_examples = experiment.capture(steps.draw_examples)
    build_network = experiment.capture(steps.build_network)
    fit = experiment.capture(steps.fit)
    measure = experiment.capture(steps.measure)

    @experiment.main
    def train(_run: Run, task: str) -> float:
        """Train a network on number words, and measure it on words that it has never seen."""
        from core.characters import make_alphabet, save_alphabet
        from core.hparams import write_hparams
        from core.resume import adopt_state, forget_state

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
            forget_state(model_dir)
        show_measures(measured, examples, best_step, last_step)
        return measured["test"][TASKS[task].result]

    @experiment.command(unobserved=True)
    def predict(_run: Run, run: str | int | None = None, words: object = None) -> None:
        """Ask the network of a run: predict with run=<id> words="elf,zwanzig"."""
        from core.characters import load_alphabet
        from core.estimator import predict as answer
        from core.inputs import make_prediction_input_fn

        directory, asked = _asked_run(_run, run), _asked_words(words)
        try:
            config, alphabet = read_json(directory / "config.json"), load_alphabet(directory / MODEL)
        except (OSError, ValueError) as error:
            raise RefusedError(f"{directory} cannot be asked: {error}") from error
        if config["task"] not in TASKS:
            raise RefusedError(f"run={run} is of task={config['task']}, which is not known here: {', '.join(TASKS)}")
        network = build_network(
            alphabet,
            directory / MODEL,
            **{name: config[name] for name in ("task", "head", "hidden", "embedding", "max_number")},
        )
        input_fn = make_prediction_input_fn(words=asked, alphabet=alphabet)
        show_answers(asked, answer(network, input_fn=input_fn), TASKS[config["task"]].answers, alphabet.letters)


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
    from core.hooks import DivergedError

    try:
        yield
    except DivergedError as error:
        run.info["diverged_at_step"] = error.step
        print(f"Diverged: {error}. A smaller learning_rate may help.")
        raise DivergedInterrupt(str(error)) from error


def _refuse_value_errors(function: Callable[[], Any]) -> Any:
    """Call a function; what it says of a value that cannot be is one line for a person."""
    try:
        return function()
    except ValueError as error:
        raise RefusedError(error) from error


def _arguments(function: Callable[..., Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the config entries that a function asks for."""
    return {name: config[name] for name in inspect.signature(function).parameters}


def _asked_words(words: object) -> list[str]:
    """Take words apart at the commas; Sacred has made a tuple of what looks like one."""
    parts = words if isinstance(words, list | tuple) else str(words or "").split(",")
    asked = [str(part).strip() for part in parts if str(part).strip()]
    if not asked:
        raise RefusedError(f'words={words} names no word: try words="elf,zwanzig"')
    return asked


def _asked_run(run: Run, asked: object) -> Path:
    """Find the run that is asked for, in the directory that -F names."""
    further = set(run.meta_info.get("config_updates", ())) - {"run", "words"}
    if further or run.meta_info["named_configs"]:
        raise RefusedError("predict takes run and words; everything else is as it was in the run")
    runs = Path(run.meta_info["options"]["--file_storage"] or RUNS)
    directory: Path = _refuse_value_errors(lambda: find_run(runs, asked))
    if not (directory / MODEL / "checkpoint").is_file():
        raise RefusedError(f"run={asked} has no checkpoint in {directory / MODEL}")
    return directory
