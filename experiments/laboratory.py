"""The experiment that parity and number both are: its config, its training and the order of calls.

Sacred takes the file that creates an Experiment for the main file of the run. Each script therefore creates its own
WordExperiment, and `equip` gives it the rest. TensorFlow takes seconds to import: a command imports it after the
config is checked, and only if it needs it.
"""

import logging
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sacred import Experiment
from sacred.run import Run

from core.data.split_plan import SplitPlan
from core.data.splits import draw_splits
from core.network.tasks import TASKS
from core.training.model_files import find_model_damage, sync_tree
from core.training.plan import TrainingPlan
from experiments.cli.summary import show_divergence, show_examples, show_measures
from experiments.commands.arguments import arguments_of
from experiments.commands.deploy.command import add_deploy, add_undeploy
from experiments.commands.explain import add_explain
from experiments.commands.export import add_export
from experiments.commands.mistakes.command import add_mistakes
from experiments.commands.predict import add_predict
from experiments.experiment import WordExperiment
from experiments.pipeline.config import LARGEST_SEED, check_config, from_config, make_architecture
from experiments.pipeline.costs import Phases, costs
from experiments.pipeline.defaults import FAST, Defaults
from experiments.pipeline.errors import UserError
from experiments.pipeline.interrupts import SIGNALS, DivergedInterrupt
from experiments.pipeline.tensorflow import import_training
from experiments.pruning import Pruning, in_turn
from experiments.recording.git import State, add_difference, read_state
from experiments.recording.layout import EXPORT, MODEL, ROOT
from experiments.recording.platform import record_platform, report_changes
from experiments.recording.redact import report_credentials
from experiments.recording.sources import refuse_mixed_trees, register_sources
from observers.directory.observer import RunDirectoryObserver, directory_of, uuid_of

_TRAINS = ("train", "print_dependencies")


def equip(experiment: WordExperiment, *, task: str) -> None:
    """Give an experiment the config of a task, its checks, and all its commands."""
    experiment.configurations.append(Defaults(task))
    experiment.add_named_config("fast", dict(FAST))
    record_platform(experiment)
    _check_before_run(experiment)
    for add_command in (add_predict, add_mistakes, add_explain, add_export, add_deploy, add_undeploy):
        add_command(experiment)

    @experiment.main
    def train(_run: Run, task: str, language: str, direction: str, seed: int) -> float:
        """Train a network on number words, and measure it on words that it has never seen."""
        from experiments.pipeline import training

        report_changes(_run)
        plan, question = from_config(TrainingPlan, _run.config), TASKS[task]
        pruning = Pruning(experiment.judge, question.result, _run.info)
        if pruning.is_judged:
            _run._emit_heartbeat()  # who finds the run knows its trial, also if the search is killed now
        with (
            costs(_run.info, of_process=SIGNALS.owns_process) as phases,
            _model_directory(_run) as model_dir,
            training.closing_event_files(model_dir),
        ):
            phases.enter("data")
            examples = training.draw_examples(
                from_config(SplitPlan, _run.config), question, direction=direction, seed=seed
            )
            show_examples(task, examples.splits, seed)
            training.save_alphabet(examples.encoder.alphabet, model_dir)
            sync_tree(model_dir)
            if "parent" in _run.info:
                training.copy_state(Path(_run.info["parent"]["directory"]) / MODEL, model_dir)
            phases.enter("graph")
            trial = f"run {_run._id}, {uuid_of(_run.observers)[:8]}"  # other directories have a run of this id, too
            training.write_hparams(model_dir, _run.config, trial=trial)
            architecture = make_architecture(_run.config, alphabet_size=examples.encoder.alphabet.size)
            network = training.make_network(architecture, plan, model_dir)
            with _divergence(_run), SIGNALS.deferred() as raise_pending:
                result = training.fit(
                    network,
                    examples,
                    plan,
                    log_scalar=_run.log_scalar,
                    phases=phases,
                    on_validation=pruning.judge,
                    after_step=in_turn(raise_pending, pruning.end_if_rejected),
                )
            phases.enter("evaluation")
            _run.info.update(
                best_step=result.best_step, best_validation=result.best_result, last_step=result.last_step
            )
            measured = training.measure(network, examples, _run.log_scalar)
            phases.enter("export")
            trained = training.TrainedNetwork(network, examples.encoder, language)
            training.export(trained, model_dir / EXPORT)
            _add_archive(_run, model_dir / EXPORT)
        show_measures(measured, examples.splits, result.best_step, result.last_step)
        return measured["test"][question.result]


def _check_before_run(experiment: Experiment) -> None:
    """Check every config, import TensorFlow for a training, and record what Sacred does not."""
    phases, state = Phases({}), State()

    @experiment.config_hook
    def check(config: dict[str, Any], command_name: str, logger: logging.Logger) -> dict[str, Any]:
        nonlocal state
        check_config(config, arguments_of(experiment.commands[command_name]))
        if command_name not in _TRAINS:
            return {}
        seed = config.get("seed", secrets.randbelow(LARGEST_SEED + 1))
        _check_draw(config, seed)
        phases.enter("import")
        import_training()
        phases.enter(None)
        refuse_mixed_trees(ROOT)
        state = read_state(ROOT)
        register_sources(experiment, ROOT, state.commit)
        return {"seed": seed}

    @experiment.pre_run_hook
    def record(_run: Run) -> None:
        _run.info["seconds"] = dict(phases.seconds)
        add_difference(_run, state)
        if _run.observers:
            report_credentials(sorted(source.filename for source in experiment.sources))
        SIGNALS.begin()


def _check_draw(config: dict[str, Any], seed: int) -> None:
    """Refuse splits that fail only when they are drawn: too small for all parts, or with two equal words."""
    if config["cover_parts"] or config["language"] != "de":
        try:
            draw_splits(from_config(SplitPlan, config), seed=seed)
        except ValueError as error:
            raise UserError(error) from error


@contextmanager
def _model_directory(run: Run) -> Iterator[Path]:
    """Provide the directory of the model: in the run directory, or a temporary one if the run is not recorded.

    At the end of the block, all files of the model are flushed to the disk: the run may be recorded as completed.
    """
    directory = directory_of(run.observers)
    if directory is None:
        with tempfile.TemporaryDirectory() as temporary:
            yield Path(temporary)
    else:
        (directory / MODEL).mkdir()
        try:
            yield directory / MODEL
        except BaseException:
            with suppress(OSError):
                sync_tree(directory / MODEL)
            raise
        sync_tree(directory / MODEL)
        _report_damage(run, directory / MODEL)


def _report_damage(run: Run, model_dir: Path) -> None:
    """Report as lost what others have removed or cut of the model while the run went on."""
    damage = find_model_damage(model_dir)
    for observer in run.observers if damage is not None else ():
        if isinstance(observer, RunDirectoryObserver):
            observer.recording.retry.lose(MODEL, f"{damage}; others have changed the model while the run went on")


@contextmanager
def _divergence(run: Run) -> Iterator[None]:
    """End the run as DIVERGED, with the step in info, if the loss is no longer finite."""
    from experiments.pipeline.training import DivergedError

    try:
        yield
    except DivergedError as error:
        run.info["diverged_at_step"] = error.step
        show_divergence(error)
        raise DivergedInterrupt(str(error)) from error


def _add_archive(run: Run, directory: Path) -> None:
    """Add the exported network to the artifacts of a run, as export.zip."""
    with tempfile.TemporaryDirectory() as temporary:
        archive = shutil.make_archive(str(Path(temporary) / "export"), "zip", directory)
        run.add_artifact(archive, content_type="application/zip")
