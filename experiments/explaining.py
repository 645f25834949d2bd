"""Shows what a network holds while it reads a word: a table for the terminal, and a picture for the run."""

import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.asking import Asked
from experiments.report import WORD_WIDTH
from experiments.settings import RefusedError
from observers.files import replaced

if TYPE_CHECKING:
    from core.explain import Explanation

PICTURES = "explain"
"""In the directory of a run: a picture for each word that was explained."""

_BLANK = "␣"
_INCHES_A_CHARACTER = 0.26
_WIDEST = 24.0  # inches; longer words get smaller letters
_SETTLED = 0.05
_LONGEST_NAME = 60  # characters of a word in the name of a file


def asked_word(word: object) -> str:
    """Take the one word that is to be explained.

    Raises:
        RefusedError: when there is none.
    """
    if word is None or not str(word).strip():
        raise RefusedError("which word? word=vierundvierzig says")
    return str(word)


def shown_prefixes(seen: "Explanation") -> list[str]:
    """Write what has been read after each character, with blanks to be seen, and of much only the end."""
    shown = [prefix.replace(" ", _BLANK) for prefix in seen.prefixes]
    return [prefix if len(prefix) <= WORD_WIDTH else f"…{prefix[1 - WORD_WIDTH :]}" for prefix in shown]


def show_arithmetic(seen: "Explanation") -> None:
    """Print the gate at the end of the word, and how far the weights are from what they are meant to settle for."""
    if "gate" in seen.arithmetic:
        print(f"gate at the end of the word: {float(seen.arithmetic['gate'][-1, 0]):.3f} (0 multiplies, 1 adds)")
    if "weights" in seen.arithmetic:
        weights, distances = seen.arithmetic["weights"], seen.distances
        near = [f"{int((np.abs(weights - target) < _SETTLED).sum())} to {target}" for target in (-1, 0, 1)]
        print(
            f"{weights.size} weights, distance from -1, 0 or 1: median {np.median(distances):.3f},"
            f" largest {distances.max():.3f}; nearer than {_SETTLED}: {', '.join(near)}"
        )


def draw_explanation(seen: "Explanation", asked: Asked, headings: Mapping[str, str]) -> Path:
    """Draw the answers after each character, and the arithmetic of the head; return the picture in the run."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    answers = {name: values for name, values in seen.answers.items() if np.issubdtype(values.dtype, np.floating)}
    rows = [(values, headings[name], name == "probability") for name, values in answers.items()]
    if "gate" in seen.arithmetic:
        rows.append((seen.arithmetic["gate"], "gate\n0 multiplies, 1 adds", True))
    weights = seen.arithmetic.get("weights")
    read_width = min(max(4.0, _INCHES_A_CHARACTER * len(seen.word)), _WIDEST)
    widths = [read_width, *([3.0] if weights is not None else [])]
    with mpl.rc_context({"axes.spines.top": False, "axes.spines.right": False, "font.size": 9, "savefig.dpi": 150}):
        figure = pyplot.figure(figsize=(sum(widths) + 1, 1.2 + 1.9 * len(rows)), layout="constrained")
        grid = figure.add_gridspec(len(rows), len(widths), width_ratios=widths)
        for place, (values, label, is_share) in enumerate(rows):
            _draw_reading(figure.add_subplot(grid[place, 0]), seen.word, values, label, is_share)
        if weights is not None:
            _draw_weights(figure.add_subplot(grid[:, 1]), weights.ravel(), seen.distances.ravel())
        config = asked.config
        title = f"run {asked.directory.name}: {config['task']}, head {config['head']}, {config['hidden']} units;"
        title += " what it would answer if the word ended there"
        figure.axes[0].set_title(title, fontsize=9, loc="left")
        path = asked.directory / PICTURES / f"{_file_name(seen.word)}.png"
        try:
            path.parent.mkdir(exist_ok=True)
            with replaced(path) as file, warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Glyph")  # of letters that the font does not have
                figure.savefig(file, format="png")
        except OSError as error:
            raise RefusedError(f"{path} cannot be written: {error.strerror}") from error
        finally:
            pyplot.close(figure)
    return path


def _draw_reading(axes: Any, word: str, values: np.ndarray, label: str, is_share: bool) -> None:
    """Draw a value after each character: a line for each of its columns."""
    places = np.arange(len(word))
    size = min(10.0, 60 * _WIDEST / len(word))
    axes.plot(places, values, "o-", color="tab:blue", markersize=4, linewidth=1.2)
    axes.set_xticks(places, [letter if letter.strip() else _BLANK for letter in word], fontsize=size)
    axes.set_xlim(-0.6, len(word) - 0.4)
    axes.set_ylabel(label)
    axes.grid(axis="x", color="0.92", linewidth=0.8)
    if is_share:
        axes.set_ylim(-0.04, 1.04)
        axes.axhline(0.5, color="0.6", linewidth=0.8, linestyle="--")
    last = float(np.ravel(values)[-1])
    if not np.isfinite(last):
        return
    axes.annotate(
        f"{last:.4f}" if is_share else f"{last:.4g}",
        (places[-1], last),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
    )


def _draw_weights(axes: Any, weights: np.ndarray, distances: np.ndarray) -> None:
    """Draw the weights in ascending order, the brighter the farther from -1, 0 and 1."""
    order = np.argsort(weights)
    for settled in (-1, 0, 1):
        axes.axhline(settled, color="0.6", linewidth=0.8, linestyle="--")
    dots = axes.scatter(
        np.arange(len(weights)), weights[order], c=distances[order], cmap="viridis", vmin=0, vmax=0.5, s=12
    )
    axes.set_ylim(-1.1, 1.1)
    axes.set_yticks([-1, -0.5, 0, 0.5, 1])
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel(f"{len(weights)} weights, ascending")
    axes.set_title(
        f"weights of the arithmetic cell\nmedian distance {np.median(distances):.3f}", fontsize=9, loc="left"
    )
    axes.figure.colorbar(dots, ax=axes, label="distance from -1, 0 or 1", location="right")


def _file_name(word: str) -> str:
    """Name a file after a word; a long one is cut, and told from others by a digest."""
    plain = "".join(letter if letter.isalnum() else "_" for letter in word)
    if plain == word and len(word) <= _LONGEST_NAME:
        return plain
    return f"{plain[:_LONGEST_NAME]}-{hashlib.sha256(word.encode()).hexdigest()[:8]}"
