"""What is shown, as files: exact amounts in CSV, and charts as pictures."""

from __future__ import annotations

import csv
import io

import requests
from playwright.sync_api import expect

from tests.browser.dashboard import Dashboard
from tests.fixtures.trades import fields
from tests.infra.running import ADMIN, Stack

DAY = "2026-06-15"


def test_the_report_is_saved_as_the_api_writes_it(dashboard: Dashboard, stack: Stack) -> None:
    page = dashboard.signed_in("desk", view="day", day=DAY).page
    button = page.get_by_role("button", name="Report as CSV")
    asked = {"start_day": DAY, "end_day": DAY}
    by_api = requests.get(
        f"{stack.url}/v2/reports/pnl", asked, auth=ADMIN, headers={"Accept": "text/csv"}, timeout=10
    ).content
    assert dashboard.saved(button) == by_api
    assert dashboard.saved_name(button) == f"voltbook_{DAY}_{DAY}_desk.csv"


def test_a_chart_is_saved_as_a_picture_and_its_numbers_as_exact_text(dashboard: Dashboard, stack: Stack) -> None:
    report = stack.get("/v2/reports/pnl", trader_id="trader_1", start_day=DAY, end_day=DAY)
    page = dashboard.signed_in("trader_1", view="day", day=DAY).page
    expect(page.locator(".canvas canvas")).to_have_count(2)
    picture = dashboard.saved(page.get_by_role("button", name="Energy and total by hour: save as PNG"))
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(picture) > 10_000
    saved = dashboard.saved(page.get_by_role("button", name="Energy and total by hour: save as CSV")).decode()
    rows = list(csv.DictReader(io.StringIO(saved)))
    assert [row["pnl_eur"] for row in rows] == [line["pnl_eur"] for line in report["days"][0]["periods"]]


def test_a_name_that_a_spreadsheet_would_run_is_guarded(dashboard: Dashboard, stack: Stack) -> None:
    hostile = '=HYPERLINK("x");＝1,1'
    sent = fields(
        id="formula-1", trader_id=hostile, delivery_day="2024-01-13", execution_time="2024-01-13T08:00:00Z", price=-5
    )
    assert requests.post(f"{stack.url}/v1/trades", json=sent, auth=ADMIN, timeout=10).status_code == 200
    page = dashboard.signed_in("desk", view="day", day="2024-01-13").page
    saved = dashboard.saved(page.get_by_role("button", name="Traders: save as CSV")).decode()
    [row] = csv.DictReader(io.StringIO(saved))
    assert (row["trader_id"], row["pnl_eur"]) == ("'=HYPERLINK(\"x\");'＝1,1", "0.50")
