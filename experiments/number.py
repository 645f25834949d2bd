"""Which number is it? An LSTM reads a German number word character by character, and writes its digits."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a script runs the packages beside it

try:
    from observers.program import start_program

    if __name__ == "__main__":
        start_program()
    from experiments.cli.main import main
    from experiments.experiment import WordExperiment
    from experiments.laboratory import equip
    from experiments.recording.layout import ROOT
except Exception as error:
    from observers.system.environment import exit_outside_environment

    exit_outside_environment(error)
    raise

experiment = WordExperiment("number", base_dir=ROOT, save_git_info=False)
equip(experiment, task="number")


@experiment.named_config
def paper():  # the split of arXiv 1808.00508: 169 words of 0..999 to learn, 200 to validate, 631 to test
    data_size = 1000
    validation_fraction = 0.2
    test_fraction = 0.631
    cover_parts = True


if __name__ == "__main__":
    main(experiment)
