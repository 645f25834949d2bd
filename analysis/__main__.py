"""Compares recorded runs: python -m analysis COMMAND SOURCE..."""

import sys

from analysis.commands.main import main
from observers.system.streams import protect_output

if __name__ == "__main__":
    protect_output()
    sys.exit(main())
