"""The files view: how each file day stands, and what became of every row."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from chalicelib.common.delivery import berlin_day
from tests.browser.daily_files import deliver, deliver_bytes
from tests.browser.dashboard import Dashboard
from tests.fixtures.trades import trade
from tests.infra.running import Stack

VIEW = {"view": "files", "until": "2024-03-20"}
BAD = "bad-1,1.5,0,hold,2024-03-02,13,trader_1,2024-03-02T10:00:00Z"


def cells_of(region: Locator) -> list[list[str]]:
    rows = region.locator("tbody tr")
    expect(rows.first).to_be_visible()
    found: list[list[str]] = rows.evaluate_all(
        "all => all.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return found


@pytest.fixture(scope="module")
def _imported_files(stack: Stack) -> None:
    """A file with a bad row, one that is none, and one that a second version corrects."""
    of = {
        day: [trade(f"{day}-{number}", delivery_day=day, execution_time=f"{day}T10:00:00Z") for number in range(3)]
        for day in ("2024-03-02", "2024-03-04")
    }
    deliver(stack, "2024-03-02", of["2024-03-02"], BAD)
    deliver_bytes(stack, "2024-03-03", b"this is,no daily file\n1,2\n")
    deliver(stack, "2024-03-04", of["2024-03-04"])
    first, *others = of["2024-03-04"]
    changed = trade(first.id, price=4321, delivery_day="2024-03-04", execution_time="2024-03-04T10:00:00Z")
    deliver(stack, "2024-03-04", [changed, *others])


@pytest.mark.usefixtures("_imported_files")
def test_a_strip_of_thirty_file_days_tells_how_each_stands(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **VIEW).page
    expect(page.locator(".strip li")).to_have_count(30)
    told = page.locator(".strip a").evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert told == [
        "Sat, 2 Mar 2024: Provisional, 1 row in quarantine",
        "Sun, 3 Mar 2024: Rejected",
        "Mon, 4 Mar 2024: Corrected",
    ]


@pytest.mark.usefixtures("_imported_files")
def test_a_receipt_accounts_for_every_row_and_names_the_bad_ones(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **VIEW).page
    page.get_by_role("link", name="Sat, 2 Mar 2024").click()
    expect(page.locator(".equation")).to_have_text(
        "4 rows read=3 booked+0 already there+0 corrected+1 in quarantine", use_inner_text=False
    )
    rows = page.get_by_role("region", name="Rows in quarantine").locator("tbody tr")
    expect(rows).to_have_count(3)
    assert rows.evaluate_all("all => all.map((row) => row.cells[0].textContent + ' ' + row.cells[1].textContent)") == [
        "5 price",
        "5 quantity",
        "5 direction",
    ]
    expect(page.get_by_role("region", name="Notices to the desk")).to_contain_text("rows that are no valid trades")
    expect(page).to_have_url(re.compile("file=2024-03-02"))


@pytest.mark.usefixtures("_imported_files")
def test_a_corrected_file_shows_its_versions_and_what_changed(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **VIEW, file="2024-03-04").page
    versions = page.get_by_role("region", name="Versions").locator("tbody tr")
    expect(versions).to_have_count(2)
    assert versions.evaluate_all("all => all.map((row) => row.cells[0].textContent)") == ["2", "1"]
    expect(page.get_by_role("region", name="Changes")).to_contain_text("2024-03-04-0")


@pytest.mark.usefixtures("_imported_files")
def test_what_changed_shows_the_terms_before_and_after_and_the_effect(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **VIEW, file="2024-03-04").page
    (row,) = cells_of(page.get_by_role("region", name="Changes"))
    assert row[:4] == ["corrected", "2024-03-04-0", "2", "trader_1"]
    prices = [cell.partition(" at ")[2].partition(", ")[0] for cell in row[4:6]]
    assert prices == ["50.00", "43.21"]
    effect = page.get_by_role("region", name="Changes").locator("td[data-name=effect_eur] data")
    expect(effect).to_have_attribute("value", "67.90")


def test_an_older_version_is_opened_with_its_rows_and_its_changes(dashboard: Dashboard, stack: Stack) -> None:
    day = "2024-04-06"
    rows = [trade(f"{day}-{number}", delivery_day=day, execution_time=f"{day}T10:00:00Z") for number in range(3)]
    changed = trade(f"{day}-0", price=1, delivery_day=day, execution_time=f"{day}T10:00:00Z")
    deliver(stack, day, rows)
    deliver(stack, day, [changed, *rows[1:]], BAD)
    deliver(stack, day, rows)
    page = dashboard.signed_in("desk", view="files", until="2024-04-20", file=day).page
    link = page.get_by_role("button", name="Version 2: rows and changes")
    expect(page.get_by_role("button", name="Version 3: rows and changes")).to_have_count(0)
    link.click()
    expect(link).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("region", name="Rows in quarantine, version 2").locator("tbody tr")).to_have_count(3)
    effect = page.get_by_role("region", name="Changes, version 2").locator("td[data-name=effect_eur] data")
    expect(effect).to_have_attribute("value", "499.90")
    link.click()
    expect(page.get_by_role("region", name="Rows in quarantine, version 2")).to_have_count(0)


def test_days_before_the_first_file_miss_none(dashboard: Dashboard, stack: Stack) -> None:
    day = "2022-03-05"
    deliver(stack, day, [trade("first-of-all", delivery_day=day, execution_time=f"{day}T10:00:00Z")])
    page = dashboard.signed_in("desk", view="files", until="2022-03-10").page
    kinds = page.locator(".legend li")
    expect(kinds).to_have_text(["·Before the first file 24", "✓Imported 1", "✕Missing 5"])


def test_files_open_with_the_last_thirty_days_and_can_go_back(dashboard: Dashboard, stack: Stack) -> None:
    day = berlin_day(datetime.now(UTC)) - timedelta(days=9)
    deliver(stack, day.isoformat(), [trade("nine-days-ago", delivery_day=f"{day}", execution_time=f"{day}T10:00:00Z")])
    page = dashboard.signed_in("admin", view="files").page
    # Beside it yesterday's file may be late: that depends on the time of the test.
    expect(page.locator(".strip a").first).to_have_accessible_name(re.compile(f", {day.day} "))
    page.get_by_role("button", name="Previous thirty file days").click()
    expect(page.get_by_text("There is no file and no late notice for these days")).to_be_visible()
    page.get_by_role("button", name="Last 30 days").click()
    expect(page.get_by_role("button", name="Next thirty file days")).to_be_disabled()
