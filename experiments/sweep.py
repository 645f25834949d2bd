"""Trains many runs: `python experiments/sweep.py parity hidden=16,32,64 seed=0..4 --jobs 2`; --help explains more."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a script runs the packages beside it
    try:
        from observers.program import run_program, start_program

        start_program()
        from experiments.sweeps.main import main  # not at the top: every worker imports this file again
    except Exception as error:
        from observers.system.environment import exit_outside_environment

        exit_outside_environment(error)
        raise
    run_program("sweep", main)
