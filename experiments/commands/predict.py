"""The command predict: the network of a run answers words."""

import itertools

from sacred import Experiment
from sacred.run import Run

from experiments.commands.answers import show_answers
from experiments.commands.network import load_network
from experiments.commands.trained_run import find_trained_run
from experiments.commands.words import read_words


def add_predict(experiment: Experiment) -> None:
    """Give an experiment the command predict."""

    @experiment.command(unobserved=True)
    def predict(_run: Run, task: str, run: str | int | None = None, words: object = None) -> None:
        """Print the answers of the network of a run: predict with run=<id> words="elf,zwanzig".

        run=best is the completed run with the best validation, run=latest the last run. Without words=, predict reads
        standard input, one word per line.
        """
        trained_run = find_trained_run(_run, run, task)
        shown, predicted = itertools.tee(read_words(words))
        network = load_network(trained_run)

        from core.serving.predict import predict as predict_words

        show_answers(shown, predict_words(network, predicted), trained_run.task.answers)
