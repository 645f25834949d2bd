"""A page of a headless Chromium, in which tests open what people open in theirs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Playwright, Request, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowserError(Exception):
    """No Chromium is installed."""


@dataclass(frozen=True)
class BrowserPage:
    """A page, and what went wrong in it.

    Attributes:
        page: of Playwright; `page.goto(path.as_uri())` opens a file, `page.context.set_offline(True)` takes the
            network away.
        errors: a line for each error on the console, each exception that no script caught, and each request that
            failed, in their order.
    """

    page: Page
    errors: list[str]


@contextmanager
def open_page(*, width: int = 1280, height: int = 900) -> Iterator[BrowserPage]:
    """Open an empty page in a browser of its own, which ends with the block.

    Args:
        width: of the page, in pixels.
        height: of the page, in pixels.

    Raises:
        NoBrowserError: if no Chromium is installed.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_program(playwright))
        try:
            page = browser.new_page(viewport={"width": width, "height": height})
            yield BrowserPage(page, _collect_errors(page))
        finally:
            browser.close()


def _program(playwright: Playwright) -> str:
    """Return the path of the Chromium of `playwright install chromium`, or of one on the PATH."""
    own = playwright.chromium.executable_path
    program = own if Path(own).exists() else next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        raise NoBrowserError(f"neither {own} nor one of {', '.join(_NAMES)} on the PATH")
    return program


def _collect_errors(page: Page) -> list[str]:
    """Return a list that grows with each error of a page."""
    errors: list[str] = []

    def add_message(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"console: {message.text}")

    def add_failed_request(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page that is left, or that cancels a request of its own
            errors.append(f"request: {request.url}: {request.failure}")

    page.on("console", add_message)
    page.on("pageerror", lambda error: errors.append(f"exception: {error}"))
    page.on("requestfailed", add_failed_request)
    return errors
