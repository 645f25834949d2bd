"""Draws a figure in the style of the project, and writes it to a file."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from experiments.pipeline.errors import UserError
from observers.errors import phrase_of
from observers.system.files import atomic_write

_STYLE = "analysis.zahlwort"  # analysis/zahlwort.mplstyle


@contextmanager
def drawing(path: Path, *, width: float, height: float, dpi: float | None = None) -> Iterator[Any]:
    """Provide an empty matplotlib figure, which is written to a file at the end.

    Args:
        path: of the picture, PNG; its directory is created.
        width: in inches.
        height: in inches.
        dpi: dots per inch; None takes those of the style.

    Raises:
        UserError: if the picture cannot be written.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns that it cannot keep its cache
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    with pyplot.style.context(_STYLE):
        figure = pyplot.figure(figsize=(width, height), layout="constrained")
        try:
            yield figure
            _save(figure, path, dpi)
        finally:
            pyplot.close(figure)


def show_picture(draw: Callable[[], Path]) -> None:
    """Draw a picture and print its path, or on standard error why it cannot be written.

    The directory of a run may be another person's, or read-only; what the command has printed is still useful.
    """
    try:
        print(f"drawn in {draw()}")
    except UserError as error:
        print(f"no picture: {error}", file=sys.stderr)


def _save(figure: Any, path: Path, dpi: float | None) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        with atomic_write(path) as file, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph")  # the font lacks letters of some languages
            figure.savefig(file, format="png", **({"dpi": dpi} if dpi else {}))
    except OSError as error:
        raise UserError(f"{path} cannot be written: {phrase_of(error)}") from error
