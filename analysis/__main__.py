"""Compares recorded runs: python -m analysis COMMAND SOURCE..."""

try:
    from observers.program import run_program, start_program

    if __name__ == "__main__":
        start_program()
    from analysis.commands.main import main
except Exception as error:
    from observers.system.environment import exit_outside_environment

    exit_outside_environment(error)
    raise

if __name__ == "__main__":
    run_program("analysis", main)
