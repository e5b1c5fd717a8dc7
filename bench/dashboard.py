"""How soon the day's numbers are on the screen after a cold load, beside a bare page with the same chart library.

A stack of its own with the samples; each round is two new browser contexts, which have nothing cached: first the
dashboard, then the bare page, served by the same gateway. The dashboard's time runs from the click on the link until
the day's total stands in the table, with the login already typed by a script: page, scripts, login, report. The bare
page's time runs until ECharts has drawn a bar chart of 24 hours from numbers in its script.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, Route, sync_playwright

from bench.pairs import Pace, Result, bounded, told
from chalicelib.dashboard.http import manifest
from tests.browser.conftest import FLAGS
from tests.infra.running import Stack

PROMISED_MILLISECONDS: Final = 1500
LINK: Final = "#view=day&day=2026-06-15"
# Signs in the moment the form is there, as a password manager would, and notes when the numbers are.
HURRY: Final = """
const hurry = new MutationObserver(() => {
  const form = document.querySelector(".login form");
  if (form && !window.hurried) {
    window.hurried = true;
    form.elements.username.value = "desk";
    form.elements.password.value = "desk-demo";
    form.requestSubmit();
  }
  const total = document.querySelector('tr[data-hour="Total"] td[data-name="pnl_eur"] data');
  if (total?.value && !window.shown) requestAnimationFrame(() => { window.shown ??= performance.now(); });
  if (document.querySelectorAll(".canvas canvas").length === 2) window.drawn ??= performance.now();
});
hurry.observe(document, { subtree: true, childList: true });
"""
WAIT: Final = """(name) => new Promise((done) => {
  const look = () => (window[name] ? done(window[name]) : requestAnimationFrame(look));
  look();
})"""
BARE: Final = """<!doctype html><title>bare</title><div id="chart"></div>
<script type="module" src="bare.js"></script>"""
BARE_SCRIPT: Final = """import { init } from "./assets/%s";
const chart = init(document.getElementById("chart"), null, { width: 800, height: 400 });
chart.on("finished", () => { window.shown ??= performance.now(); });
const hours = Array.from({ length: 24 }, (_, hour) => hour);
const axes = { xAxis: { type: "category", data: hours }, yAxis: { type: "value" } };
chart.setOption({ animation: false, ...axes, series: [{ type: "bar", data: hours.map((hour) => hour * hour) }] });
"""


def measure(pace: Pace) -> list[Result]:
    """Load both with a browser that has nothing cached; without Chromium there is nothing to measure."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is not installed: the dashboard is left out")
        return []
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "data", Path(folder) / "output")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                numbers = _numbers(browser, stack.url, pace)
                browser.close()
                return numbers
        finally:
            stack.end(signal.SIGTERM)


def _numbers(browser: Browser, url: str, pace: Pace) -> list[Result]:
    # The first round warms the server, not the browser: every context is a cold one.
    rounds = [(dashboard(browser, url), bare_page(browser, url)) for _ in range(pace.rounds + 1)][1:]
    promised, bare = f"{PROMISED_MILLISECONDS} ms", [shown for _, shown in rounds]
    name = "cold load of the dashboard to the day's numbers"
    return [
        bounded(name, "ms", PROMISED_MILLISECONDS, [numbers for (numbers, _), _ in rounds], promised),
        bounded(
            "cold load of the dashboard to both charts",
            "ms",
            PROMISED_MILLISECONDS,
            [drawn for (_, drawn), _ in rounds],
            promised,
        ),
        bounded("a bare page with the same chart library, to compare", "ms", PROMISED_MILLISECONDS, bare, promised),
    ]


def dashboard(browser: Browser, url: str) -> tuple[float, float]:
    """Milliseconds from the start of the navigation until the numbers, and until both charts, stand there."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(HURRY)
    page.goto(f"{url}/{LINK}")
    times = noted(page, "shown"), noted(page, "drawn")
    context.close()
    return times


def bare_page(browser: Browser, url: str) -> float:
    """Milliseconds until the library alone has drawn a chart; the library comes from the same server."""
    charts = next(name for name in manifest()["assets"] if name.startswith("charts-"))
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()

    def page_of_ours(route: Route) -> None:
        route.fulfill(body=BARE, content_type="text/html")

    def script_of_ours(route: Route) -> None:
        route.fulfill(body=BARE_SCRIPT % charts, content_type="text/javascript")

    page.route("**/bare", page_of_ours)
    page.route("**/bare.js", script_of_ours)
    page.goto(f"{url}/bare")
    shown = noted(page, "shown")
    context.close()
    return shown


def noted(page: Page, name: str) -> float:
    return float(page.evaluate(WAIT, name))


if __name__ == "__main__":
    told(measure)
