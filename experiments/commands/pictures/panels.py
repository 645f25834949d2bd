"""The panels of a picture of a word: curves and tables over its letters."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from core.serving.explain import Explanation

_WORTH_WRITING = 0.01  # of the largest value: a larger one stands at its bar
_LIKELY = 0.5  # a larger share has its name in the table
_PLACES = ("units", "tens", "hundreds")
_SCALES = ("1", "thousand", "million", "10⁹", "10¹²", "10¹⁵")


class Panel(NamedTuple):
    """A part of the picture over the letters of the word.

    Attributes:
        height: in inches.
        draw: draws it on axes.
    """

    height: float
    draw: Callable[[Any], None]


def in_order(values: npt.NDArray, explanation: "Explanation") -> npt.NDArray:
    """Return values after each character that is read, [time, ...], in the order of the letters."""
    return values[::-1] if explanation.backwards else values


def curve_panel(values: npt.NDArray, label: str, *, is_share: bool, even: bool = False) -> Panel:
    """Make a panel with a curve for each column of the values, [time] or [time, columns].

    Args:
        values: along the letters.
        label: of the axis.
        is_share: whether they are between 0 and 1.
        even: draw a line where two answers are equally likely.
    """

    def draw(axes: Any) -> None:
        axes.plot(np.arange(len(values)), values, "o-", color="C0", markersize=4, linewidth=1.2)
        axes.set_ylabel(label)
        axes.grid(axis="x", color="0.92", linewidth=0.8)
        if is_share:
            axes.set_ylim(-0.04, 1.04)
        if even:
            axes.axhline(0.5, color="0.6", linewidth=0.8, linestyle="--")

    return Panel(1.9, draw)


def addend_panel(explanation: "Explanation") -> Panel:
    """Make the panel of the heads that add a value at each letter."""
    added = in_order(explanation.addends["added"], explanation)

    def draw(axes: Any) -> None:
        axes.set_axisbelow(True)
        axes.bar(np.arange(len(added)), added, color="C0", width=0.7)
        for column in np.flatnonzero(np.abs(added) > _WORTH_WRITING * np.abs(added).max()):
            height = added[column]
            axes.annotate(
                f"{height:.3g}", (column, height), (0, 2), textcoords="offset points", ha="center", fontsize="x-small"
            )
        axes.margins(y=0.15)
        axes.set_ylabel("added at the letter")
        axes.grid(axis="x", color="0.92", linewidth=0.8)

    return Panel(1.9, draw)


def place_panels(explanation: "Explanation") -> list[Panel]:
    """Make the panels of the head `places`: the digit, the place and the scale at each letter."""
    digit, place, scale = (in_order(explanation.places[name], explanation) for name in ("digit", "place", "scale"))
    written = digit * place.sum(axis=1, keepdims=True)
    scales = _SCALES[: scale.shape[1]]
    return [
        _table_panel(written, [str(each) for each in range(10)], "digit written", write_names=True),
        _table_panel(place, _PLACES, "place\nwritten"),
        *([_table_panel(scale, scales, "times")] if len(scales) > 1 else []),
    ]


def _table_panel(shares: npt.NDArray, names: Sequence[str], label: str, *, write_names: bool = False) -> Panel:
    """Make a panel with a row for each name and a column for each letter, darker for a larger share."""

    def draw(axes: Any) -> None:
        axes.imshow(shares.T, aspect="auto", cmap="Blues", vmin=0, vmax=1, interpolation="nearest", origin="lower")
        axes.set_yticks(range(len(names)), names)
        axes.set_ylabel(label)
        for column, row in zip(*np.nonzero(shares > _LIKELY), strict=True):
            if write_names:
                axes.text(column, row, names[row], color="white", ha="center", va="center", fontsize="small")

    return Panel(0.4 + 0.16 * len(names), draw)
