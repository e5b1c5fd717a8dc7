"""One stack and one browser for all tests of the page; each test has a window of its own and ends without trouble.

Neither outlives this package: while Playwright is open, an event loop is running that other tests would trip over.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from infra.local.engines import find_ministack
from tests.browser.chart_modules import page_with_charts
from tests.browser.dashboard import Dashboard
from tests.browser.foreign import foreign_origin, page_of
from tests.infra.running import Stack

# The headless shell draws no windows, and takes half the time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
# The machine's own browser, kept from calling home; CI runs as root, where Chromium has no sandbox.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-GB",
)
PATIENCE_MILLISECONDS = 10_000
Window = Callable[..., Dashboard]


def missing(reason: str) -> None:
    pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        missing("Chromium is not installed: apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def page_with_modules(chromium: Browser) -> Iterator[Page]:
    """A page with the sources of the charts in it."""
    with page_with_charts(chromium) as page:
        yield page


@pytest.fixture(scope="package")
def stack(dynoxide: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """`make up` with its samples, which no test may change: each books on days and under ids of its own."""
    if find_ministack() is None:
        missing("MiniStack is not installed: make engines")
    folder = tmp_path_factory.mktemp("browser")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # the stack runs as it does outside of tests
        running = Stack(folder / "data", folder / "output")
    yield running
    if running.process.poll() is None:
        running.crash()


@pytest.fixture
def window(chromium: Browser, stack: Stack) -> Iterator[Window]:
    """Opens windows, `window(width=360)`; at the end nothing may have gone wrong in any."""
    opened: list[tuple[BrowserContext, Dashboard]] = []

    def open_window(width: int = 1440, height: int = 900, **options: Any) -> Dashboard:
        given = {"locale": "en-GB", "color_scheme": "light", **options}
        context = chromium.new_context(viewport={"width": width, "height": height}, **given)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        opened.append((context, Dashboard(context.new_page(), stack.url)))
        return opened[-1][1]

    yield open_window
    for context, dashboard in opened:
        if not dashboard.page.is_closed():
            # The strip over every view may be reading through a handler of the test; without it, from elsewhere.
            dashboard.page.goto("about:blank")
            dashboard.page.unroute_all(behavior="ignoreErrors")
        context.close()
    assert [trouble for _, dashboard in opened for trouble in dashboard.unexpected()] == []


@pytest.fixture
def dashboard(window: Window) -> Dashboard:
    return window()


@pytest.fixture
def foreign_page(chromium: Browser) -> Iterator[Page]:
    with foreign_origin() as origin, page_of(origin, chromium) as page:
        yield page
