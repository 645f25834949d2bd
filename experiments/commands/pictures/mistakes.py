"""Draws the answers of a network to many words, with those that are wrong, in the directory of the run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from experiments.commands.pictures.files import drawing
from experiments.commands.trained_run import TrainedRun
from experiments.recording.layout import MISTAKES

if TYPE_CHECKING:
    from experiments.commands.mistakes.answered import Answered
    from experiments.commands.mistakes.selection import Selection

_FAR = 1.5  # an answer beyond this multiple of the largest number is drawn at the edge
_MANY = 2000  # more words get smaller dots
_FEW = 100  # fewer words get larger ones


def draw_mistakes(answered: "Answered", trained_run: TrainedRun, selection: "Selection") -> Path:
    """Draw the probability of class 1 over the number, or the answer over the true number; misses are marked.

    Returns:
        The path of the picture.

    Raises:
        UserError: if the picture cannot be written.
    """
    path = trained_run.directory / MISTAKES / f"{selection.file_name}.png"
    draw = _draw_classes if answered.is_class else _draw_numbers
    with drawing(path, width=8, height=4.2 if answered.is_class else 5.2, dpi=120) as figure:
        axes = figure.add_subplot()
        draw(axes, answered)
        config = trained_run.config
        axes.set_title(
            f"run {trained_run.id}: {config['task']}, head {config['head']}, {config['hidden']} units\n"
            f"{_shortened(selection.name)}: {len(answered.missed)} of {len(answered.numbers)} words missed",
            fontsize="medium",
            loc="left",
        )
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        axes.ticklabel_format(style="plain", axis="both", useOffset=False)
        axes.margins(x=0.02)
        axes.xaxis.get_major_locator().set_params(integer=True)
    return path


def _draw_classes(axes: Any, answered: "Answered") -> None:
    heights = answered.answers if answered.probability is None else answered.probability
    for each, marker in zip(np.unique(answered.labels).tolist(), "os^Dv", strict=False):
        chosen = answered.labels == each
        axes.scatter(
            answered.numbers[chosen],
            heights[chosen],
            s=_size(answered),
            marker=marker,
            linewidths=0,
            alpha=0.8,
            label=answered.name(each),
        )
    _mark(axes, answered, heights)
    axes.axhline(0.5, color="0.6", linewidth=0.8, linestyle="--")
    axes.set_ylim(-0.05, 1.05)
    axes.set_xlabel("number")
    axes.set_ylabel(answered.task.answers["probability"])


def _draw_numbers(axes: Any, answered: "Answered") -> None:
    numbers, answers = answered.numbers, answered.answers.astype(np.float64)
    largest = _FAR * max(int(numbers.max()), 1)
    heights = np.clip(np.nan_to_num(answers, nan=largest), -0.1 * largest, largest)
    far = int((heights != answers).sum())
    ends = [numbers.min(), numbers.max()]
    axes.plot(ends, ends, color="0.6", linewidth=0.8, linestyle="--", label="the true number", zorder=0)
    axes.scatter(
        numbers[answered.right], heights[answered.right], s=_size(answered), linewidths=0, color="C0", label="right"
    )
    _mark(axes, answered, heights)
    axes.set_xlabel("true number")
    axes.set_ylabel("answer" + (f"\n({far} farther away, drawn at the edge)" if far else ""))


def _mark(axes: Any, answered: "Answered", heights: npt.NDArray) -> None:
    """Mark the missed words: a ring around the colour of a class, a cross in place of a number."""
    style: dict[str, Any] = {"marker": "x", "color": "C3", "s": 2 * _size(answered)}
    if answered.is_class:
        style = {"marker": "o", "facecolors": "none", "edgecolors": "black", "s": 5 * _size(answered)}
    missed = answered.missed
    axes.scatter(answered.numbers[missed], heights[missed], linewidths=0.8, label="missed", **style)


def _size(answered: "Answered") -> float:
    count = len(answered.numbers)
    return 30 if count < _FEW else 14 if count < _MANY else 5


def _shortened(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"
