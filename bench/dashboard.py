"""How soon the numbers are on the screen after a cold load, what it loads, and whether the page grows while it is open.

A stack of its own with the samples, and today a desk of 400 traders with 25 000 trades. Each round is new browser
contexts, which have nothing cached: the dashboard's day, its Today, and a bare page with the same chart library, all
served by the same gateway. The dashboard's time runs from the click on the link until a day's total stands in the
table, with the login already typed by a script: page, scripts, login, report. The bare page's time runs until ECharts
has drawn a bar chart of 24 hours from numbers in its script. An open page is refreshed 200 times: what it has then of
heap, nodes and listeners is compared with what it had before.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, CDPSession, Page, Route, sync_playwright

from bench.pairs import Pace, Result, at_most, bounded, judged, told
from chalicelib.dashboard.http import manifest
from tests.browser.conftest import FLAGS
from tests.browser.crowd import ROWS, TRADERS, deliver_crowd
from tests.infra.running import Stack

PROMISED_MILLISECONDS: Final = 1000
MOST_BYTES: Final = 300_000
CROWDED: Final = date(2024, 3, 12)
DAY: Final = "#view=day&day=2026-06-15"
TODAY: Final = f"#view=today&from={CROWDED}"
REFRESHES: Final = 200
WARM_REFRESHES: Final = 60
"""After these there is what is made once, and the browser's record of 250 requests is full."""
GROWTH: Final = 1.05
KEPT: Final = {"JSHeapUsedSize": "bytes of heap", "Nodes": "nodes", "JSEventListeners": "listeners"}
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
  const total = document.querySelector(
    'tr[data-hour="Total"] td[data-name="pnl_eur"] data, tr.day td[data-name="cash_eur"] data',
  );
  if (total?.value && !window.shown) requestAnimationFrame(() => { window.shown ??= performance.now(); });
  const charts = [...document.querySelectorAll(".canvas:not([hidden])")];
  if (charts.length && charts.every((one) => one.querySelector("canvas"))) window.drawn ??= performance.now();
});
hurry.observe(document, { subtree: true, childList: true });
"""
SENT: Final = """performance.getEntries()
    .filter(({ name }) => !/\\/v[12]\\//.test(name)).reduce((total, { transferSize = 0 }) => total + transferSize, 0)"""
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
            deliver_crowd(stack, CROWDED, rows=pace.of(ROWS, TRADERS))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                numbers = _numbers(browser, stack.url, pace)
                browser.close()
                return numbers
        finally:
            stack.end(signal.SIGTERM)


def _numbers(browser: Browser, url: str, pace: Pace) -> list[Result]:
    # The first round warms the server, not the browser: every context is a cold one.
    rounds = [
        (Load.of(browser, url, DAY), Load.of(browser, url, TODAY), bare_page(browser, url))
        for _ in range(pace.rounds + 1)
    ][1:]
    days, todays, bare = zip(*rounds, strict=True)
    promised = f"{PROMISED_MILLISECONDS} ms"
    name = "cold load of the dashboard to"
    crowd = f"today's numbers, 25 000 trades of {TRADERS} traders"
    return [
        bounded(f"{name} the day's numbers", "ms", PROMISED_MILLISECONDS, [one.numbers for one in days], promised),
        bounded(f"{name} both charts", "ms", PROMISED_MILLISECONDS, [one.charts for one in days], promised),
        bounded(f"{name} {crowd}", "ms", PROMISED_MILLISECONDS, [one.numbers for one in todays], promised),
        bounded("a bare page with the same chart library, to compare", "ms", PROMISED_MILLISECONDS, bare, promised),
        bounded("a cold load", "bytes", MOST_BYTES, [one.sent for one in todays], f"{MOST_BYTES} bytes"),
        *refreshed(browser, url, pace),
    ]


class Load(NamedTuple):
    """A cold load: milliseconds from the start of the navigation until the numbers, and the charts, are there."""

    numbers: float
    charts: float
    sent: float
    """Bytes of the page itself, as they were sent: its document, scripts and styles."""

    @classmethod
    def of(cls, browser: Browser, url: str, link: str) -> Load:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.add_init_script(HURRY)
        page.goto(f"{url}/{link}")
        load = cls(noted(page, "shown"), noted(page, "drawn"), page.evaluate(SENT))
        context.close()
        return load


def refreshed(browser: Browser, url: str, pace: Pace) -> list[Result]:
    """Refresh Today again and again, and compare what it keeps."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(HURRY)
    page.goto(f"{url}/{TODAY}")
    noted(page, "drawn")
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable")
    times = pace.of(REFRESHES, WARM_REFRESHES)
    refresh(page, WARM_REFRESHES)
    before = kept(devtools)
    refresh(page, times)
    after = kept(devtools)
    context.close()
    return [
        judged(f"{words} after {REFRESHES} refreshes", "before", "", at_most(GROWTH), [(before[name], after[name])])
        for name, words in KEPT.items()
    ]


def refresh(page: Page, times: int) -> None:
    for _ in range(times):
        with page.expect_response("**/v2/positions?*"):
            page.get_by_role("button", name="Refresh now").click()
        page.wait_for_load_state("networkidle")


def kept(devtools: CDPSession) -> dict[str, float]:
    devtools.send("HeapProfiler.collectGarbage")
    return {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}


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
