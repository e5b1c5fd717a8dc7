"""How soon the day's numbers are on the screen after a cold load, beside a bare page with the same chart library.

python -m bench.dashboard [--rounds N]

A stack of its own with the samples; each round is two new browser contexts, which have nothing cached: first the
dashboard, then the bare page, served by the same gateway. The dashboard's time runs from the click on the link until
the day's total stands in the table, with the login already typed by a script: page, scripts, login, report. The bare
page's time runs until ECharts has drawn a bar chart of 24 hours from numbers in its script.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import statistics
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, Route, sync_playwright

from chalicelib.api.dashboard import manifest
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


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.dashboard", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "data", Path(folder) / "output")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                measure(browser, stack.url, rounds)
                browser.close()
        finally:
            stack.end(signal.SIGTERM)


def measure(browser: Browser, url: str, rounds: int) -> None:
    numbers, drawn, bare = [], [], []
    for _ in range(rounds + 1):
        shown, charts = dashboard(browser, url)
        numbers.append(shown)
        drawn.append(charts)
        bare.append(bare_page(browser, url))
    # The first round warms the server, not the browser: every context is a cold one.
    for name, times in (("day view, numbers", numbers), ("day view, charts", drawn), ("bare page, chart", bare)):
        say(name, times[1:])
    middle = statistics.median(numbers[1:])
    print(f"{'ratio':<20} {middle / statistics.median(bare[1:]):5.2f}  numbers to the bare page's chart, medians")
    print(f"{'promised':<20} {PROMISED_MILLISECONDS:5} ms  {'kept' if middle < PROMISED_MILLISECONDS else 'BROKEN'}")


def say(name: str, times: list[float]) -> None:
    print(f"{name:<20} {statistics.median(times):5.0f} ms  (of {len(times)}: {min(times):.0f} to {max(times):.0f})")


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
    main()
