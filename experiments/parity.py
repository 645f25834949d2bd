"""Is the number behind a German number word even? An LSTM reads the word character by character."""

from sacred import Experiment

from experiments.cli.main import main
from experiments.laboratory import equip
from experiments.recording.layout import ROOT

experiment = Experiment("parity", base_dir=ROOT, save_git_info=False)
equip(experiment, task="parity")


if __name__ == "__main__":
    main(experiment)
