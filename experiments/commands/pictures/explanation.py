"""Draws how a network reads a word, as a picture in the directory of the run."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.commands.pictures.files import drawing
from experiments.commands.pictures.panels import Panel, addend_panel, curve_panel, in_order, place_panels
from experiments.commands.trained_run import TrainedRun
from experiments.recording.layout import PICTURES

if TYPE_CHECKING:
    from core.serving.explain import Explanation

BLANK = "␣"
"""Stands for a blank, which would be invisible."""

_INCHES_PER_CHARACTER = 0.26
_NARROWEST = 6.5  # inches, for the title
_WIDEST = 24.0  # inches; longer words get smaller letters
_LONGEST_NAME = 60  # characters of a word in the name of a file


def draw_explanation(explanation: "Explanation", trained_run: TrainedRun) -> Path:
    """Draw the answers after each character, and how the head reads: its places, addends or arithmetic.

    Returns:
        The path of the picture.

    Raises:
        UserError: if the picture cannot be written.
    """
    panels = _panels(explanation, trained_run)
    weights = explanation.arithmetic.get("weights")
    reading_width = min(max(_NARROWEST, _INCHES_PER_CHARACTER * len(explanation.word)), _WIDEST)
    widths = [reading_width, *([3.0] if weights is not None else [])]
    heights = [panel.height for panel in panels]
    path = trained_run.directory / PICTURES / f"{file_name(explanation.word)}.png"
    with drawing(path, width=sum(widths) + 1, height=1.2 + sum(heights)) as figure:
        grid = figure.add_gridspec(len(panels), len(widths), width_ratios=widths, height_ratios=heights)
        for row, panel in enumerate(panels):
            axes = figure.add_subplot(grid[row, 0])
            panel.draw(axes)
            _label_letters(axes, explanation)
        if weights is not None:
            _draw_weights(figure.add_subplot(grid[:, 1]), weights.ravel(), explanation.distances.ravel())
        figure.axes[0].set_title(_title(trained_run, backwards=explanation.backwards), fontsize="medium", loc="left")
    return path


def file_name(word: str) -> str:
    """Return a file name for a word, without ending. A digest keeps the names of different words different."""
    plain = "".join(letter if letter.isalnum() else "_" for letter in word)
    if plain == word and len(word) <= _LONGEST_NAME:
        return plain
    return f"{plain[:_LONGEST_NAME]}-{hashlib.sha256(word.encode()).hexdigest()[:8]}"


def _panels(explanation: "Explanation", trained_run: TrainedRun) -> list[Panel]:
    """Return the panels over the letters of the word, from top to bottom."""
    is_class = trained_run.task.result == "accuracy"
    curves = [
        (values, trained_run.task.answers[name], name == "probability")
        for name, values in explanation.answers.items()
        if np.issubdtype(values.dtype, np.floating) or not is_class  # a class is in its probability
    ]
    if "gate" in explanation.arithmetic:
        curves.append((explanation.arithmetic["gate"], "gate\n0 multiplies, 1 adds", True))
    panels = [
        curve_panel(in_order(values, explanation), label, is_share=share, even=share and is_class)
        for values, label, share in curves
    ]
    if explanation.addends:
        panels.append(addend_panel(explanation))
    return [*panels, *(place_panels(explanation) if explanation.places else [])]


def _label_letters(axes: Any, explanation: "Explanation") -> None:
    """Put the letters of the word below a panel."""
    word = explanation.word
    size = min(10.0, 60 * _WIDEST / len(word))
    axes.set_xticks(np.arange(len(word)), [letter if letter.strip() else BLANK for letter in word], fontsize=size)
    axes.set_xlim(-0.6, len(word) - 0.4)


def _title(trained_run: TrainedRun, *, backwards: bool) -> str:
    config = trained_run.config
    return (
        f"run {trained_run.id}: {config['task']}, head {config['head']}, {config['hidden']} units\n"
        "the answer if the word ended there" + (", read from right to left" if backwards else "")
    )


def _draw_weights(axes: Any, weights: npt.NDArray, distances: npt.NDArray) -> None:
    """Draw the weights in ascending order, brighter the farther they are from -1, 0 and 1."""
    order = np.argsort(weights)
    for target in (-1, 0, 1):
        axes.axhline(target, color="0.6", linewidth=0.8, linestyle="--")
    dots = axes.scatter(
        np.arange(len(weights)), weights[order], c=distances[order], cmap="viridis", vmin=0, vmax=0.5, s=12
    )
    axes.set_ylim(-1.1, 1.1)
    axes.set_yticks([-1, -0.5, 0, 0.5, 1])
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel(f"{len(weights)} weights, ascending")
    axes.set_title(
        f"weights of the arithmetic cell\nmedian distance {np.median(distances):.3f}", fontsize="medium", loc="left"
    )
    axes.figure.colorbar(dots, ax=axes, label="distance from -1, 0 or 1", location="right")
