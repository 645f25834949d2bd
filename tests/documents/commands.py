"""Reads the documents of the project, and runs their commands."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path for path in [*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/**/README.md")] if "runs" not in path.parts
)
_SETUP = ("make ", "source ")


def commands(document: str) -> list[str]:
    """Return the commands of all blocks of `sh` in a document, without those that set up the environment."""
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if not line.startswith(_SETUP)]


def run_commands(document: str, directory: Path, *, first: tuple[str, ...] = ()) -> None:
    """Run the commands of a document in their order, in a directory that looks like the root of the project.

    Args:
        document: path below the root of the project.
        directory: to run in.
        first: commands that a reader has run before.
    """
    for name in ("experiments", "analysis", "tests"):
        (directory / name).symlink_to(ROOT / name)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "MONGO_URL"},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    for command in (*first, *commands(document)):
        done = subprocess.run(
            ["bash", "-c", command], cwd=directory, env=environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert done.stdout, command


def count_runs(directory: Path) -> int:
    """Return the number of runs in a directory."""
    return len([path for path in directory.iterdir() if path.name.isdigit()])
