"""Writes the report of a sweep: one HTML page with an answer, tables and figures, that opens without a network."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd
from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from analysis.comparison.choosing import Choice, choose, failures
from analysis.comparison.folding import with_failures
from analysis.measures import in_words
from analysis.report.figures import as_html, importances, learning_curves, parallel_coordinates
from analysis.report.importance import FEWEST, importance
from analysis.tables import differing_within, overview
from analysis.values import as_text, value_as_given

_MOST_GROUPS = 12  # curves in a figure
_HEADINGS = {"duration": "duration (s)"}
_FIGURES = {
    "runs": "runs",
    "validation": "validation, median",
    "median": "test, median",
    "low": "95 % from",
    "high": "to",
    "mean": "mean",
    "sd": "sd",
    "worst": "worst",
    "exact": "exact",
    "cpu_seconds": "CPU (s)",
}


@dataclass(frozen=True)
class Section:
    """What the report says about one question.

    Attributes:
        title: the question and its result.
        answer: sentences.
        configurations: a table of figures over seeds.
        figures: titles, explanations, and HTML.
        extremes: the values of the best and of the worst configuration, a row for each entry that differs.
    """

    title: str
    answer: Sequence[str]
    configurations: Sequence[Sequence[str]]
    figures: Sequence[tuple[str, str, Markup]]
    extremes: Sequence[Sequence[str]]


def make_report(
    experiments: Sequence[Any], runs: pd.DataFrame, entries: Sequence[str], title: str, place: Path
) -> str:
    """Make the page.

    Args:
        experiments: incense's, see load_runs.
        runs: their table, see analysis.tables.
        entries: the config entries among its columns.
        title: of the page.
        place: the directory of the page, for its links to the directories of the runs.

    Raises:
        ValueError: no run has a validation and a test result.
    """
    choices = choose(runs, entries)
    if not choices:
        raise ValueError(f"no completed run in {title} has a validation and a test result")
    templates = Environment(loader=PackageLoader("analysis.report", "."), autoescape=select_autoescape())
    shown = overview(experiments)
    return templates.get_template("page.html").render(
        title=title,
        summary=_summary(runs),
        sections=[_section(number, choice, experiments, runs, entries) for number, choice in enumerate(choices)],
        failures=[(run, *map(str, row)) for run, row in failures(runs).iterrows()],
        headings=["run", *(_HEADINGS.get(str(name), in_words(str(name))) for name in shown.columns)],
        rows=list(_rows(shown, _links(experiments, place))),
        plotly=Markup(get_plotlyjs()),
    )


def _summary(runs: pd.DataFrame) -> str:
    completed, seconds = int((runs["status"] == "COMPLETED").sum()), runs["cpu_seconds"].sum()
    starts = sorted(start for start in runs["start"] if start)
    times = f", recorded from {starts[0]} to {starts[-1]} UTC" if starts else ""
    return f"{len(runs)} runs, {completed} completed, {seconds:.0f} s of processor time{times}"


def _section(
    number: int, choice: Choice, experiments: Sequence[Any], runs: pd.DataFrame, entries: Sequence[str]
) -> Section:
    measured = with_failures(runs).loc[choice.runs]
    chosen = {each.id: each for each in experiments if each.id in measured.index}
    title = f"{choice.question}: {in_words(choice.metric)}" if choice.question else in_words(choice.metric)
    return Section(
        title=title[:1].upper() + title[1:],
        answer=list(choice.sentences()),
        configurations=_configurations(choice),
        figures=list(_figures(number, choice, chosen, measured, entries)),
        extremes=_extremes(choice, measured, entries),
    )


def _figures(
    number: int, choice: Choice, chosen: Mapping[Any, Any], runs: pd.DataFrame, entries: Sequence[str]
) -> Iterator[tuple[str, str, Markup]]:
    names, differ = choice.names, differing_within(runs, entries, [])
    best_first = list(choice.configurations.index)
    groups = {name: [chosen[run] for run in names.index[names == name]] for name in best_first[:_MOST_GROUPS]}
    metric = f"validation/{choice.metric.partition('/')[2]}"
    limit = f" The best {_MOST_GROUPS} of {len(best_first)}." if len(best_first) > _MOST_GROUPS else ""
    curves = learning_curves(groups, metric)
    explanation = f"The median over seeds, and a band from the lowest to the highest run.{limit}"
    yield "Learning curves", explanation, Markup(as_html(curves, f"curves-{number}"))
    finite = runs[runs[choice.metric].abs() < float("inf")]
    if differ and not finite.empty:
        coordinates = parallel_coordinates(finite, differ, ["best_validation", choice.metric])
        text = "A line for each run, through the entries that differ. Drag along an axis to choose runs."
        yield "Parallel coordinates", text, Markup(as_html(coordinates, f"coordinates-{number}"))
    rated = [*differ, "seed"] if "seed" in runs and runs["seed"].map(str).nunique() > 1 else differ
    shares = importance(finite, rated, "best_validation")
    if not shares.empty:
        text = (
            "What a random forest that has learned four fifths of the runs loses on the others when the values of an "
            "entry are permuted. The seed is the yardstick: what it seems to explain is chance."
        )
        yield (
            "Importance of each entry for the validation",
            text,
            Markup(as_html(importances(shares), f"importance-{number}")),
        )
    elif len(finite) < FEWEST:
        yield (
            "Importance of each entry",
            f"Not estimated: it takes {FEWEST} runs, and there are {len(finite)}.",
            Markup(),
        )


def _configurations(choice: Choice) -> list[list[str]]:
    figures = choice.configurations
    titles = {
        name: title for name, title in _FIGURES.items() if name != "exact" or not choice.metric.endswith("accuracy")
    }
    rows = [[str(name), *(as_text(row[column]) for column in titles)] for name, row in figures.iterrows()]
    return [["configuration", *titles.values()], *rows]


def _extremes(choice: Choice, runs: pd.DataFrame, entries: Sequence[str]) -> list[list[str]]:
    """Return what differs between the best and the worst configuration, with all that follows."""
    best, worst = choice.configurations.index[0], choice.configurations.index[-1]
    if choice.configurations["validation"].nunique() < 2:  # all are equal
        return []
    firsts = [runs[choice.names == name].iloc[0] for name in (best, worst)]
    pairs = {entry: [str(value_as_given(run[entry])) for run in firsts] for entry in entries if entry != "seed"}
    return [[entry, *pair] for entry, pair in pairs.items() if pair[0] != pair[1]]


def _links(experiments: Sequence[Any], place: Path) -> dict[Any, str]:
    """Return the path of each run directory from the page; runs of a database have none."""
    directories = {each.id: getattr(each, "directory", None) for each in experiments}
    paths = {run: os.path.relpath(path, place) for run, path in directories.items() if isinstance(path, Path)}
    return {run: f"./{quote(path)}" for run, path in paths.items()}


def _rows(shown: pd.DataFrame, links: Mapping[Any, str]) -> Iterator[tuple[str, str, list[str]]]:
    for run, row in shown.iterrows():
        yield str(run), links.get(run, ""), [as_text(value) for value in row]
