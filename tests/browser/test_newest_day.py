"""The page leads to the days that have data: a link from an empty one, and on to the new yesterday overnight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from tests.browser.dashboard import Dashboard

EVENING = datetime.fromisoformat("2026-06-17T21:00:00+02:00")
STEPS_OF_THE_NIGHT = 12
STEP = 20 * 60 * 1000


def view_of(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(page.evaluate("location.hash.slice(1)")).items()}


def stay_open(page: Page) -> None:
    """Let four hours pass in which the timers run, as they do not where the machine sleeps."""
    for _ in range(STEPS_OF_THE_NIGHT):
        page.clock.fast_forward(STEP)


@pytest.fixture
def evening(dashboard: Dashboard) -> Iterator[Dashboard]:
    """A page on whose clock it is the evening of 17 June 2026."""
    dashboard.page.clock.install(time=EVENING)
    yield dashboard
    dashboard.page.clock.resume()


def test_an_empty_day_links_to_the_newest_day_with_trades(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_1", view="day", day="2026-05-01").page
    link = page.locator(".notice").get_by_role("link")
    expect(page.locator(".notice").first).to_contain_text("Newest day with trades")
    link.first.click()
    expect(page.locator('[data-card="Cash"]').first).to_be_visible()
    assert view_of(page)["day"] > "2026-05-01"


def test_an_empty_range_links_to_the_newest_day_with_trades(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="range", start="2026-01-01", end="2026-01-31").page
    expect(page.locator(".notice").first).to_contain_text("Newest day with trades")
    page.locator(".notice").get_by_role("link").first.click()
    expect(page.locator(".day-view")).to_be_visible()


def test_a_page_left_open_overnight_moves_on_to_the_new_yesterday(evening: Dashboard) -> None:
    page = evening.signed_in("desk", view="day").page
    assert view_of(page)["day"] == "2026-06-16"
    stay_open(page)
    expect(page.get_by_label("Delivery day").locator("visible=true").last).to_be_visible()
    page.wait_for_function("location.hash.includes('day=2026-06-17')")
    assert view_of(page)["day"] == "2026-06-17"


def test_a_range_left_open_overnight_moves_on_too(evening: Dashboard) -> None:
    page = evening.signed_in("desk", view="day").page
    page.get_by_role("link", name="Range", exact=True).click()
    page.wait_for_function("location.hash.includes('end=2026-06-16')")
    start = view_of(page)["start"]
    stay_open(page)
    page.wait_for_function("location.hash.includes('end=2026-06-17')")
    assert view_of(page)["start"] > start


def test_a_day_that_was_chosen_stays_overnight(evening: Dashboard) -> None:
    page = evening.signed_in("desk", view="day").page
    page.get_by_role("button", name="Previous day").click()
    page.wait_for_function("location.hash.includes('day=2026-06-15')")
    stay_open(page)
    page.clock.run_for(60_000)
    assert view_of(page)["day"] == "2026-06-15"


def test_a_link_that_names_its_day_stays_overnight(evening: Dashboard) -> None:
    page = evening.signed_in("desk", view="day", day="2026-06-16").page
    stay_open(page)
    page.clock.run_for(60_000)
    assert view_of(page)["day"] == "2026-06-16"


def test_a_page_that_was_reloaded_still_moves_on(evening: Dashboard) -> None:
    page = evening.signed_in("desk", view="day").page
    page.reload()
    expect(page.locator(".numbers").first).to_be_visible()
    stay_open(page)
    page.wait_for_function("location.hash.includes('day=2026-06-17')")
