"""The command predict: the network of a run answers words."""

import itertools

from sacred import Experiment
from sacred.run import Run

from experiments.commands.answers import show_answers
from experiments.commands.network import load_network
from experiments.commands.remarks import add_truth, headings_with_truth
from experiments.commands.trained_run import find_trained_run
from experiments.commands.words import read_words


def add_predict(experiment: Experiment) -> None:
    """Give an experiment the command predict."""

    @experiment.command(unobserved=True)
    def predict(_run: Run, task: str, run: str | int | None = None, words: object = None) -> None:
        """Print the answers of the network of a run: predict with run=<id> words=elf,zwanzig.

        run=best is the completed run with the best validation, run=latest the last run. Without words=, predict reads
        standard input, one word per line. Beside the answer stand the true number, if the word is a number word, and
        a remark: where the network is wrong, where the number is outside of the range of training, and why a word
        cannot be read.
        """
        trained_run = find_trained_run(_run, run, task)
        shown, marked, predicted = itertools.tee(read_words(words), 3)
        network = load_network(trained_run)

        from core.serving.predict import predict as predict_words

        answers = add_truth(marked, predict_words(network, predicted), network, trained_run)
        show_answers(shown, answers, headings_with_truth(trained_run.task))
