"""The page of a browser collects every error, so that a test can tell a page that works from one that does not."""

import pytest

from tests.browser import NoBrowserError, open_page

pytestmark = pytest.mark.slow


def open_html(browser_page, tmp_path, body):
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><title>page</title>{body}", encoding="utf-8")
    browser_page.page.goto(path.as_uri())
    browser_page.page.wait_for_load_state("networkidle")
    return browser_page.errors


def test_a_page_that_works_has_no_errors(browser_page, tmp_path):
    assert open_html(browser_page, tmp_path, "<p id=p><script>p.textContent = 'zwölf'</script>") == []
    assert browser_page.page.inner_text("p") == "zwölf"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("<script>console.error('a message')</script>", "console: a message"),
        ("<script>throw new Error('not caught')</script>", "exception: not caught"),
        ("<script src=missing.js></script>", "missing.js: net::ERR_FILE_NOT_FOUND"),
        ("<img src=http://127.0.0.1:9/a.png>", "request: http://127.0.0.1:9/a.png: net::ERR_"),
    ],
)
def test_an_error_of_a_page_is_collected(browser_page, tmp_path, body, error):
    assert any(error in line for line in open_html(browser_page, tmp_path, body))


def test_a_machine_without_a_browser_is_told_apart_from_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoBrowserError, match="chromium"), open_page():
        pass
