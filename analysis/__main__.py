"""Compares recorded runs: python -m analysis COMMAND SOURCE..."""

import sys

from analysis.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
