"""Compares recorded runs: python -m analysis COMMAND SOURCE..."""

import sys

try:
    from analysis.commands.main import main
    from observers.system.streams import protect_output
except Exception as error:
    from observers.system.environment import exit_outside_environment

    exit_outside_environment(error)
    raise

if __name__ == "__main__":
    protect_output()
    sys.exit(main())
