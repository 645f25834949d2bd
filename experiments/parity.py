"""Is the number behind a German number word even? An LSTM reads the word character by character."""

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

experiment = WordExperiment("parity", base_dir=ROOT, save_git_info=False)
equip(experiment, task="parity")


if __name__ == "__main__":
    main(experiment)
