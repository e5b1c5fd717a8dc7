"""Files of several senders: each feed in the strip over every view, and in the files view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.dashboard import Dashboard
from tests.browser.test_access import serious
from tests.browser.test_attention import answer_days, links, past, receipt, strip

DAY = {"view": "day", "day": "2026-06-15"}
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def feed(name: str, **values: object) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": name,
        "kind": "trades",
        "venue": name if name != "daily" else None,
        "format": "auto",
        "pattern": f"{name}/{{YYYYMMDD}}.csv",
        "deadline": "08:00",
        "deadline_days": 1,
        "timezone": "Europe/Berlin",
        "required": True,
        "since": None,
        "weekdays": WEEK,
        "newest_file_day": past(1),
        "state": "imported",
        "next_deadline": None,
    }
    return given | values


def answer_feeds(page: Page, feeds: Sequence[dict[str, Any]], files: dict[str, list[dict[str, Any]]]) -> None:
    page.route("**/v2/feeds", lambda route: route.fulfill(json=list(feeds)))

    def listed(route: Route) -> None:
        name = route.request.url.partition("feed=")[2].partition("&")[0]
        route.fulfill(json=[{"feed": name, **one} for one in files[name]])

    page.route("**/v2/files?*", listed)


def test_the_strip_knows_every_feed(dashboard: Dashboard) -> None:
    page = dashboard.page
    prices = feed("prices", kind="prices", newest_file_day=None, state=None)
    every_day = [receipt(past(back), "imported") for back in range(12)]
    files = {
        "daily": [receipt(past(1), "late"), *every_day[2:]],
        "nordpool": [
            receipt(past(1), "held"),
            receipt(past(2), "imported", quarantined=2, rows=9),
            receipt(past(3), "imported", withdrawn=1, rows=9),
            *every_day[5:],
        ],
    }
    answer_feeds(page, [feed("daily"), feed("nordpool"), prices], files)
    answer_days(page)
    dashboard.signed_in("desk", **DAY)
    expect(strip(page).get_by_role("link")).to_have_count(5)
    heads = strip(page).locator("strong").all_text_contents()
    assert heads == ["✕ Late file", "✕ Missing file", "✕ Held file", "! In quarantine", "! Missing from a file"]
    names = [text.partition(" ")[0] for text in links(page)]
    assert names[1:] == ["nordpool"] * 4
    assert links(page)[3].endswith(", 2 rows")
    link = strip(page).get_by_role("link").nth(2)
    expect(link).to_have_attribute("href", f"#view=files&feed=nordpool&until={past(1)}&file={past(1)}")
    assert serious(dashboard) == []


@pytest.mark.parametrize(
    ("values", "is_missing"),
    [
        ({}, True),
        ({"required": False}, False),
        ({"weekdays": []}, False),
        ({"since": past(0)}, False),
        ({"deadline": None}, False),
        ({"deadline_days": 30}, False),
        ({"timezone": "America/New_York"}, True),
    ],
)
def test_a_file_is_missing_if_it_is_due_and_awaited(
    dashboard: Dashboard, values: dict[str, Any], is_missing: bool
) -> None:
    page = dashboard.page
    answer_feeds(page, [feed("daily"), feed("nordpool", **values)], {"daily": [], "nordpool": []})
    answer_days(page)
    dashboard.signed_in("desk", **DAY)
    dashboard.wait_for_strip()
    assert any("nordpool" in text for text in links(page)) is is_missing


def test_the_files_view_shows_a_feed_by_its_address(dashboard: Dashboard) -> None:
    page = dashboard.page
    held = receipt("2024-03-20", "held", rows=7, reason="fewer rows", quarantine=[], changes=[])
    weekdays = feed("nordpool", weekdays=WEEK[:5], since="2024-03-12", newest_file_day="2024-03-20", state="held")
    answer_feeds(page, [feed("daily"), weekdays], {"daily": [], "nordpool": [held]})
    shown = {"feed": "nordpool", "file_day": "2024-03-20", "newest": held, "versions": [held], "notices": []}
    page.route("**/v2/files/nordpool/2024-03-20", lambda route: route.fulfill(json=shown))
    dashboard.signed_in("admin", view="files", until="2024-03-20", feed="nordpool", file="2024-03-20")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Files of nordpool")
    assert page.title() == "Files of nordpool · Voltbook"
    days = page.locator(".file-day")
    expect(days.last).to_have_accessible_name("Wed, 20 Mar 2024: Held")
    first = date(2024, 3, 20) - timedelta(days=29)
    named = {first + timedelta(days=n): days.nth(n).get_attribute("aria-label") or "" for n in range(30)}
    assert named[date(2024, 3, 11)].endswith("Not expected")  # before its first day
    assert named[date(2024, 3, 16)].endswith("Not expected")  # a Saturday
    assert named[date(2024, 3, 18)].endswith("Missing")
    table = page.get_by_role("region", name="Feeds of trades")
    expect(table.get_by_role("row")).to_have_count(3)
    names = table.locator("td[data-name=name]")
    table.get_by_role("columnheader", name="State").get_by_role("button").click()
    expect(names).to_have_text(["nordpool", "daily"])
    table.get_by_role("columnheader", name="Feed", exact=True).get_by_role("button").click()
    expect(names).to_have_text(["daily", "nordpool"])
    assert serious(dashboard) == []
    page.route("**/v2/files/nordpool/2024-03-20/acceptance", lambda route: route.fulfill(json=PROPOSAL))
    page.get_by_role("button", name="Accept…").click()
    expect(page.get_by_role("dialog", name="Accept the nordpool file of Wed, 20 Mar 2024")).to_contain_text("book it")
    page.keyboard.press("Escape")
    table.get_by_role("link", name="daily").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Daily files")


PROPOSAL = {"feed": "nordpool", "steps": ["book it"], "changes": [], "more_changes": 0, "token": "t"}


def test_an_unknown_feed_is_refused_with_a_way_back(dashboard: Dashboard) -> None:
    dashboard.expect_status(400)
    page = dashboard.open(view="files", feed="nobodys").sign_in("desk").page
    expect(page.get_by_role("alert")).to_contain_text("must be a feed of trades: daily; got 'nobodys'")
    page.get_by_role("link", name="Show the daily file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Daily files")
