"""The commands that ask something of a recorded run; they record none themselves."""

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from sacred import Experiment
from sacred.run import Run

from core.tasks import TASKS
from experiments.asking import EXPORT, Asked, asked_words, find_asked, refuse_others
from experiments.deploying import MACHINE, Deployment, read_flag, read_service
from experiments.explaining import asked_word, draw_explanation, show_arithmetic, shown_prefixes
from experiments.report import show_answers, typed_script
from experiments.settings import RefusedError

if TYPE_CHECKING:
    import tensorflow as tf

    from core.characters import Alphabet

ARGUMENTS = {
    "predict": ("run", "words"),
    "explain": ("run", "word"),
    "export": ("run",),
    "deploy": ("run", "project", "bucket", "region", "name", "machine", "dry_run"),
    "undeploy": ("project", "region", "name", "dry_run"),
}
"""By command, what can be given to it; the config is that of the run."""

ON_TENSORFLOW = ("predict", "explain", "export")


def add_commands(experiment: Experiment, build_network: Callable[..., "tf.estimator.Estimator"]) -> None:
    """Give an experiment predict, explain, export, deploy and undeploy.

    Args:
        experiment: to have them.
        build_network: steps.build_network, captured by the experiment, which does so once with a function.
    """

    @experiment.command(unobserved=True)
    def predict(_run: Run, task: str, run: str | int | None = None, words: object = None) -> None:
        """Ask the network of a run: predict with run=<id> words="elf,zwanzig"; or words from standard input."""
        from core.estimator import predict as answer
        from core.inputs import make_prediction_input_fn

        asked = find_asked(_run, run, task, ARGUMENTS["predict"])
        shown, read = itertools.tee(asked_words(words))
        network, alphabet = load_network(asked)
        input_fn = make_prediction_input_fn(words=read, alphabet=alphabet, language=asked.config["language"])
        show_answers(shown, answer(network, input_fn=input_fn), TASKS[asked.config["task"]].answers)

    @experiment.command(unobserved=True)
    def explain(_run: Run, task: str, run: str | int | None = None, word: object = None) -> None:
        """Draw what the network of a run holds after each character: explain with run=<id> word=elf.

        The picture is runs/<id>/explain/<word>.png: what the network would answer if the word ended there, and of a
        NAC or NALU the gate, and the weights with their distance from -1, 0 and 1.
        """
        from core.explain import explain as look_inside

        asked = find_asked(_run, run, task, ARGUMENTS["explain"])
        text, headings = asked_word(word), TASKS[asked.config["task"]].answers
        network, alphabet = load_network(asked)
        try:
            seen = look_inside(network, word=text, alphabet=alphabet, language=asked.config["language"])
        except ValueError as error:
            raise RefusedError(error) from error
        show_answers(shown_prefixes(seen), seen.rows, headings)
        show_arithmetic(seen)
        print(f"drawn in {draw_explanation(seen, asked, headings)}")

    @experiment.command(unobserved=True)
    def export(_run: Run, task: str, run: str | int | None = None) -> None:
        """Write the SavedModel of a run: export with run=<id>."""
        from core.export import export as write_export

        asked = find_asked(_run, run, task, ARGUMENTS["export"])
        network, alphabet = load_network(asked)
        language = asked.config["language"]
        write_export(network, alphabet=alphabet, language=language, directory=asked.model_dir / EXPORT)
        print(f"exported to {asked.model_dir / EXPORT}")

    @experiment.command(unobserved=True)
    def deploy(
        _run: Run,
        task: str,
        run: str | int | None = None,
        project: object = None,
        bucket: object = None,
        region: object = None,
        name: object = None,
        machine: object = MACHINE,
        dry_run: object = False,
    ) -> None:
        """Serve a run on Google's Vertex AI: deploy with run=<id> project=P bucket=gs://B region=R.

        What is served costs money until undeploy takes it down. Besides the run, best or an id, it takes the project,
        the bucket gs://name[/prefix] and the region of Google Cloud; name, of the model and the endpoint
        (zahlwort-<task>); machine, the type that serves (n1-standard-2); dry_run=True, to see the steps only.
        """
        asked = find_asked(_run, run, task, ARGUMENTS["deploy"])
        service = read_service(asked.config["task"], project, region, name)
        deployment = Deployment(service, dry_run=read_flag("dry_run", dry_run))
        deployment.deploy(asked, bucket=bucket, machine=machine, script=typed_script(experiment))

    @experiment.command(unobserved=True)
    def undeploy(
        _run: Run,
        task: str,
        project: object = None,
        region: object = None,
        name: object = None,
        dry_run: object = False,
    ) -> None:
        """Take down what deploy has put on Vertex AI: undeploy with project=P region=R."""
        refuse_others(_run, ARGUMENTS["undeploy"])
        service = read_service(task, project, region, name)
        Deployment(service, dry_run=read_flag("dry_run", dry_run)).undeploy()

    def load_network(asked: Asked) -> tuple["tf.estimator.Estimator", "Alphabet"]:
        from core.characters import load_alphabet

        try:
            alphabet = load_alphabet(asked.model_dir)
            config = {name: asked.config[name] for name in ("task", "head", "hidden", "embedding", "max_number")}
        except (OSError, ValueError, KeyError) as error:
            raise RefusedError(f"{asked.directory} cannot be asked: {error}") from error
        return build_network(alphabet, asked.model_dir, **config), alphabet
