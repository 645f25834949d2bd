"""Is the number behind a German number word even? An LSTM reads the word character by character."""

from sacred import Experiment

from experiments.cli.main import main
from experiments.laboratory import equip
from experiments.recording.layout import ROOT

experiment = Experiment("parity", base_dir=ROOT, save_git_info=False)
equip(experiment)


@experiment.config
def defaults():
    task = "parity"
    hidden = 64
    embedding = 16
    head = "softmax"
    batch_size = 32
    learning_rate = 0.005
    weight_decay = 0.5
    max_steps = 1000
    evaluate_every = 50
    log_every = 10
    patience = 300


if __name__ == "__main__":
    main(experiment)
