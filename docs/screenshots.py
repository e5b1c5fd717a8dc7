"""Takes the pictures of the dashboard in docs/, from a stack of its own that holds a month of the samples' market.

`.venv/bin/python -m docs.screenshots` from the root of the repository; Chromium is Debian's. The month is what
`samples.generate` makes with the committed samples' own seed, and four of its files came as files sometimes do: with a
bad row, twice, broken, and not at all. The letters are Inter's where the machine has it (apt-get install fonts-inter).
"""

from __future__ import annotations

import io
import shutil
import signal
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from infra.local.seed import SAMPLES
from samples.generate import COUNT, SEED, Row, day_of_trades, file_name, write_daily_file, write_price_file
from samples.prices import day_of_prices, price_file_name
from tests.browser.conftest import FLAGS
from tests.infra.running import Stack, until

HERE: Final = Path(__file__).parent
LAST: Final = date(2026, 6, 16)
DAYS: Final = 30
CORRECTED, NEVER_CAME, BROKEN, BAD_ROW = (date(2026, 6, day) for day in (9, 4, 11, 3))
LAPTOP: Final = ViewportSize(width=1440, height=1000)
PHONE: Final = ViewportSize(width=390, height=844)
READING_MILLISECONDS: Final = 60_000
SECOND: Final = 2
"""The version that corrects."""
RANGE: Final = {"view": "range", "start": "2026-05-19", "end": "2026-06-15", "metric": "pnl"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "data", Path(folder) / "output")
        try:
            fill(stack)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                take_all(browser, stack.url)
                browser.close()
        finally:
            stack.end(signal.SIGTERM)


def fill(stack: Stack) -> None:
    """Deliver the month before the samples' last day, and wait until all of it is in the book."""
    for day in (LAST - timedelta(days=ago) for ago in reversed(range(DAYS))):
        write_price_file(stack.data_dir / "inbox" / price_file_name(day), day_of_prices(day, seed=SEED))
        if not (SAMPLES / file_name(day)).exists() and day != NEVER_CAME:
            deliver(stack, day)
    changed = [row._replace(price=row.price + 45) if number % 40 == 0 else row for number, row in rows_of(CORRECTED)]
    write_daily_file(stack.data_dir / "inbox" / file_name(CORRECTED), changed)
    until(lambda: newest(stack).get(CORRECTED.isoformat(), {}).get("version") >= SECOND)
    until(lambda: stack.get("/v1/prices", start_day=f"{LAST}", end_day=f"{LAST}"))


def deliver(stack: Stack, day: date) -> None:
    path = stack.data_dir / "inbox" / file_name(day)
    if day == BROKEN:
        path.write_text("<html><body>503 Service Unavailable</body></html>\n", "utf-8")
    else:
        write_daily_file(path, [row for _, row in rows_of(day)])
    if day == BAD_ROW:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"EPX-{day:%Y%m%d}-900001,41.50,0,hold,{day},13,trader_1,{day}T10:00:00Z\n")
    until(lambda: newest(stack).get(day.isoformat(), {}).get("state") in {"imported", "provisional", "rejected"})


def rows_of(day: date) -> list[tuple[int, Row]]:
    return list(enumerate(day_of_trades(day, seed=SEED, count=COUNT)))


def newest(stack: Stack) -> Mapping[str, Mapping[str, object]]:
    first = LAST - timedelta(days=DAYS)
    return {one["file_day"]: one for one in stack.get("/v1/files", start_day=f"{first}", end_day=f"{LAST}")}


def take_all(browser: Browser, url: str) -> None:
    day = {"view": "day", "day": "2026-06-15"}
    hour = {**day, "hour": "03"}
    take(browser, url, "dashboard-day", "desk", day, LAPTOP)
    take(browser, url, "dashboard-day-dark", "trader_1", hour, LAPTOP, dark=True)
    take(browser, url, "dashboard-range", "desk", RANGE, ViewportSize(width=1440, height=1320))
    take(browser, url, "dashboard-files", "desk", {"view": "files", "until": f"{LAST}", "file": f"{BAD_ROW}"}, LAPTOP)
    take(browser, url, "dashboard-phone", "trader_1", day, PHONE)


def take(
    browser: Browser, url: str, name: str, user: str, view: Mapping[str, str], size: ViewportSize, *, dark: bool = False
) -> None:
    context = browser.new_context(viewport=size, locale="en-GB", color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.goto(f"{url}/#{urlencode(view)}")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(f"{user}-demo")
    page.get_by_role("button", name="Sign in").click()
    wait_until_drawn(page)
    shrink(page.screenshot(), HERE / f"{name}.png")
    context.close()


def shrink(picture: bytes, path: Path) -> None:
    """Keep 256 colours, few more than the page has; a clone should not weigh more for its pictures."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, kmeans=2, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def wait_until_drawn(page: Page) -> None:
    page.locator(".numbers").first.wait_for()
    expect(page.get_by_text("Reading the book")).to_have_count(0, timeout=READING_MILLISECONDS)
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)


if __name__ == "__main__":
    main()
