"""The command mistakes: the words that a network gets wrong, and what they have in common."""

from typing import TYPE_CHECKING

from sacred import Experiment
from sacred.run import Run

from experiments.commands.mistakes.answered import Answered
from experiments.commands.mistakes.confusion import format_confusion
from experiments.commands.mistakes.missed import format_missed, read_show
from experiments.commands.mistakes.parts import format_parts
from experiments.commands.mistakes.scores import format_scores
from experiments.commands.mistakes.selection import Selection, select
from experiments.commands.network import load_network
from experiments.commands.pictures.files import show_picture
from experiments.commands.pictures.mistakes import draw_mistakes
from experiments.commands.trained_run import TrainedRun, find_trained_run

if TYPE_CHECKING:
    from core.serving.trained_network import TrainedNetwork


def add_mistakes(experiment: Experiment) -> None:
    """Give an experiment the command mistakes."""

    @experiment.command(unobserved=True)
    def mistakes(
        _run: Run, task: str, run: str | int | None = None, numbers: object = "test", show: object = 20
    ) -> None:
        """Show what the network of a run gets wrong: mistakes with run=<id> numbers=0..999.

        numbers= is test (the default), validation, train or extrapolation, the words of the run itself, or any
        numbers: 435, 0..999, 7,30..39. The score stands beside that of an answer that is always the same. Then follow
        what is answered in place of what, the parts of the words with the most misses, and the missed words, 20 or
        show= of them. The picture runs/<id>/mistakes/<numbers>.png shows all answers.
        """
        trained_run = find_trained_run(_run, run, task)
        listed = read_show(show)
        selection = select(trained_run, numbers)
        network = load_network(trained_run)
        answered = _ask(network, trained_run, selection)
        print(selection.summary)
        _show_unknown_letters(network, selection)
        recorded = trained_run.result if selection.name == "test" else None
        for text in (
            format_scores(answered, selection.splits["train"].numbers, recorded),
            format_confusion(answered, trained_run.config["head"]),
            *([format_parts(answered, network.language)] if len(answered.missed) else []),
            format_missed(answered, listed),
        ):
            print(f"\n{text}")
        print()
        show_picture(lambda: draw_mistakes(answered, trained_run, selection))


def _ask(network: "TrainedNetwork", trained_run: TrainedRun, selection: Selection) -> Answered:
    from core.serving.predict import predict_examples

    task, split = trained_run.task, selection.split
    answers = predict_examples(network, split.words)
    return Answered(task, split.numbers, split.words, answers[task.name], answers.get("probability"))


def _show_unknown_letters(network: "TrainedNetwork", selection: Selection) -> None:
    """Print how many words have characters that training has not seen, and which."""
    from core.serving.input_fn import show_letters

    known = set(network.encoder.alphabet.letters)
    unknown = [set(word) - known for word in selection.split.words]
    count = sum(1 for letters in unknown if letters)
    if count:
        letters = show_letters(sorted(set().union(*unknown)))
        print(f"{count} of the words have characters that training has never seen: {letters}")
