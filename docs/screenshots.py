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
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, NamedTuple
from urllib.parse import urlencode

import requests
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from infra.local.seed import SAMPLES
from samples.bots import posts
from samples.generate import COUNT, SEED, Row, day_of_trades, file_name, write_daily_file, write_price_file
from samples.market import Quarter
from samples.prices import day_of_prices, price_file_name, quarters_of_prices
from tests.browser.conftest import FLAGS
from tests.infra.running import ADMIN, Stack, until

HERE: Final = Path(__file__).parent
LAST: Final = date(2026, 6, 16)
DAYS: Final = 30
CORRECTED, NEVER_CAME, BROKEN, BAD_ROW = (date(2026, 6, day) for day in (9, 4, 11, 3))
LAPTOP: Final = ViewportSize(width=1440, height=1000)
WALL: Final = ViewportSize(width=1920, height=1080)
OPENED: Final = "2026-06-15T12:00Z/15"
TALL: Final = ViewportSize(width=1440, height=1320)
PHONE: Final = ViewportSize(width=390, height=844)
READING_MILLISECONDS: Final = 60_000
MOST: Final = 100
"""Trades in one request."""
SECOND: Final = 2
"""The version that corrects."""
NOW: Final = datetime.fromisoformat("2026-06-15T13:41:00+02:00")
"""On the clock of a page that shows today."""
AFTER: Final = datetime.fromisoformat("2026-06-17T08:41:00+02:00")
"""On the clock of the other pages, when the last file has come: the strip is about the days before."""
RANGE: Final = {"view": "range", "start": "2026-05-19", "end": "2026-06-15", "metric": "total"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "data", Path(folder) / "output")
        try:
            fill(stack)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
                for picture in PICTURES:
                    take(browser, stack.url, picture)
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
    for day in (NOW.date(), LAST):
        post(stack, "/v2/prices", {"prices": [auctioned(quarter) for quarter in quarters_of_prices(day, seed=SEED)]})
        stated = [statement.fields for statement in posts(day, seed=SEED)]
        for first in range(0, len(stated), MOST):
            post(stack, "/v2/trades", stated[first : first + MOST])


def auctioned(quarter: Quarter) -> dict[str, object]:
    start = datetime.fromtimestamp(quarter.start, UTC).strftime("%Y-%m-%dT%H:%MZ")
    price = f"{Decimal(quarter.price) / 100:.2f}"
    return {"set": "da", "zone": "DE-LU", "start": start, "minutes": 15, "price_eur_mwh": price}


def post(stack: Stack, path: str, body: object) -> None:
    answer = requests.post(f"{stack.url}{path}", json=body, auth=ADMIN, timeout=READING_MILLISECONDS / 1000)
    answer.raise_for_status()


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


class Picture(NamedTuple):
    name: str
    user: str
    view: Mapping[str, str]
    size: ViewportSize = LAPTOP
    dark: bool = False
    now: datetime = AFTER
    """On the clock of the page."""


TODAY: Final = {"view": "today"}
DAY: Final = {"view": "day", "day": "2026-06-15"}
FILES: Final = {"view": "files", "until": f"{LAST}", "file": f"{CORRECTED}"}
PICTURES: Final = (
    Picture("today", "desk", TODAY, now=NOW),
    Picture("today-dark", "trader_1", {**TODAY, "slot": OPENED}, dark=True, now=NOW),
    Picture("today-phone", "trader_1", TODAY, ViewportSize(width=390, height=1500), now=NOW),
    Picture("today-wall", "desk", {**TODAY, "kiosk": "1"}, WALL, now=NOW),
    Picture("today-wall-dark", "desk", {**TODAY, "kiosk": "1"}, WALL, dark=True, now=NOW),
    Picture("day", "desk", DAY),
    Picture("day-dark", "trader_1", {**DAY, "hour": "03"}, dark=True),
    Picture("range", "desk", RANGE, TALL),
    Picture("range-dark", "desk", RANGE, TALL, dark=True),
    Picture("files", "desk", FILES, TALL),
    Picture("files-dark", "desk", FILES, TALL, dark=True),
    Picture("phone", "trader_1", DAY, PHONE, dark=True),
)


def take(browser: Browser, url: str, picture: Picture) -> None:
    scheme: Literal["dark", "light"] = "dark" if picture.dark else "light"
    context = browser.new_context(viewport=picture.size, locale="en-GB", color_scheme=scheme)
    page = context.new_page()
    page.clock.install(time=picture.now)
    page.goto(f"{url}/#{urlencode(picture.view)}")
    page.get_by_label("User name").fill(picture.user)
    page.get_by_label("Password").fill(f"{picture.user}-demo")
    page.get_by_role("button", name="Sign in").click()
    wait_until_drawn(page)
    shrink(page.screenshot(), HERE / f"dashboard-{picture.name}.png")
    context.close()


def shrink(picture: bytes, path: Path) -> None:
    """Keep 256 colours, few more than the page has; a clone should not weigh more for its pictures."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, kmeans=2, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


def wait_until_drawn(page: Page) -> None:
    page.locator(".numbers").first.wait_for(timeout=READING_MILLISECONDS)
    for waiting in ("Reading the book", "Checking what needs attention"):
        expect(page.get_by_text(waiting)).to_have_count(0, timeout=READING_MILLISECONDS)
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")  # an opened row scrolled to the middle


if __name__ == "__main__":
    main()
