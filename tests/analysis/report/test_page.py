import re

import pytest

from analysis.loading import load_runs
from analysis.report.page import make_report
from analysis.tables import config_entries, table
from tests.analysis.conftest import write_run


@pytest.fixture
def report(tmp_path):
    """Write the report of a directory, and return its path."""

    def report(directory, title="sizes"):
        experiments = load_runs(directory)
        page = make_report(experiments, table(experiments), config_entries(experiments), title, tmp_path)
        path = tmp_path / "report.html"
        path.write_text(page)
        return path

    return report


def texts(page, selector):
    return [element.inner_text().split("\t") for element in page.query_selector_all(selector)]


@pytest.mark.slow
def test_the_page_opens_without_a_network_and_without_errors(sweep, report, browser_page):
    path = report(sweep)
    browser_page.page.context.set_offline(True)
    browser_page.page.goto(path.as_uri())
    page = browser_page.page
    page.wait_for_selector("#coordinates-0 .parcoords")

    assert browser_page.errors == []
    assert page.inner_text(".answer p") == "best by validation, median accuracy 0.95 over 6 seeds: hidden=32"
    assert [row[:2] for row in texts(page, ".configurations tr")[1:]] == [
        ["hidden=32", "6"],
        ["hidden=16", "6"],
        ["hidden=8", "6"],
    ]
    assert [row[0] for row in texts(page, ".runs tr")[1:]] == [str(run) for run in range(1, 20)]
    assert texts(page, ".failures tr")[1:] == [["19", "FAILED", "ValueError: on purpose"]]
    assert texts(page, ".extremes tr")[1:] == [["hidden", "32", "8"]]
    assert len(page.query_selector_all("#curves-0 .legendtext")) == 3
    assert [bar.text_content() for bar in page.query_selector_all("#importance-0 .ytick")] == ["seed", "hidden"]
    assert page.query_selector_all(".runs a")[0].get_attribute("href") == "./sweep/1/"


def test_the_page_asks_for_no_other_file(sweep, report):
    text = re.sub(r"<script>.*?</script>", "", report(sweep).read_text(), flags=re.DOTALL)

    assert not re.findall(r"(?:src|href)=\"http", text)
    assert re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"([^\"]*)", text) == ["data:,"]


def test_what_runs_hold_is_escaped(sweep, report):
    name = "<script>alert(1)</script>"
    write_run(sweep, 1, {"task": "parity", "hidden": 8, "seed": 0, "language": name}, {"test/accuracy": 0.5}, result=1)
    text = report(sweep, title="<b>").read_text()

    assert "<script>alert" not in text
    assert "<title>&lt;b&gt;</title>" in text


def test_two_tasks_have_a_section_each(sweep, report):
    config = {"task": "number", "hidden": 8, "seed": 0}
    write_run(sweep, 20, config, {"test/mean_absolute_error": 2.0, "test/exact": 0.5}, {"best_validation": 1.0})
    headings = re.findall(r"<h2>(.*?)</h2>", report(sweep).read_text())

    assert headings == [
        "Task=number: test mean absolute error",
        "Task=parity: test accuracy",
        "Without a result",
        "Runs",
    ]


def test_few_runs_have_no_importance_and_the_page_says_so(sweep, report):
    for run in range(4, 19):
        (sweep / str(run) / "run.json").unlink()

    assert "it takes 10 runs, and there are 3" in report(sweep).read_text()
