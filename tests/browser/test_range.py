"""The range view: days side by side, hours by days, and the traders' scorecard, all as the API has them."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.dashboard import Dashboard
from tests.infra.running import Stack

RANGE = {"start_day": "2026-03-28", "end_day": "2026-03-30"}
VIEW = {"view": "range", "start": "2026-03-28", "end": "2026-03-30"}

COLUMNS = {2: "pnl_eur", 5: "trades", 6: "traded_mwh", 10: "hit_rate_percent", 15: "max_drawdown_eur"}
VALUE = {1: "total_eur", 3: "realised_eur", 4: "unrealised_eur"}


def in_words(day: str) -> str:
    """A day as tables show it: "Sat, 28 Mar 2026"."""
    return f"{date.fromisoformat(day):%a, %-d %b %Y}"


def values(table: Locator, column: int) -> list[str]:
    """The exact texts of a table's column."""
    read = "(rows, at) => rows.map((row) => row.cells[at].querySelector('data')?.value ?? row.cells[at].textContent)"
    found: list[str] = table.locator(":is(tbody, tfoot) > tr").evaluate_all(read, column)
    return found


def behind(dashboard: Dashboard, title: str) -> Locator:
    """The table behind a chart, opened."""
    dashboard.page.get_by_text(f"{title} as a table").click()
    return dashboard.page.get_by_role("region", name=title, exact=True)


def test_the_days_and_their_running_sum_are_the_report_s(dashboard: Dashboard, stack: Stack) -> None:
    report = stack.get("/v2/reports/pnl", **RANGE)
    dashboard.signed_in("desk", **VIEW)
    table = behind(dashboard, "Total by day")
    made = [day["total"]["total_eur"] or "" for day in report["days"]]
    assert values(table, 0) == [in_words(day["delivery_day"]) for day in report["days"]]
    assert values(table, 1) == made
    assert made[2] == ""  # the samples' prices end with the 29th
    assert values(table, 2) == [made[0], str(sum(map(Decimal, made[:2]))), ""]
    expect(dashboard.card("Cash").locator("data").first).to_have_attribute("value", report["total"]["pnl_eur"])
    total = dashboard.card("Total")
    expect(total.locator("data").first).to_have_text("–")
    expect(total).to_contain_text(
        "no reference price for 30 Mar 01:00–02:00, 30 Mar 03:00–06:00, 30 Mar 07:00–08:00 and 52 more"
    )
    hours = [line["total_eur"] for day in report["days"] for line in day["periods"] if line["trades"]]
    known = [hour for hour in hours if hour is not None]
    for name, hour in (("Best hour", max(known, key=Decimal)), ("Worst hour", min(known, key=Decimal))):
        expect(dashboard.card(name).locator("data")).to_have_attribute("value", hour)
    expect(dashboard.page.locator(".badge")).to_contain_text("Missing file")


def test_the_heatmap_has_every_hour_and_says_which_one_the_clock_skips(dashboard: Dashboard, stack: Stack) -> None:
    report = stack.get("/v2/reports/pnl", **RANGE)
    dashboard.signed_in("desk", **VIEW)
    table = behind(dashboard, "Total by hour and day")
    expect(table.locator("tbody tr")).to_have_count(3 * 24)
    shown = dict(zip(zip(values(table, 0), values(table, 1), strict=True), values(table, 2), strict=True))
    assert shown["Sun, 29 Mar 2026", "02–03"] == ""
    for day in report["days"]:
        for line in day["periods"]:
            expected = (line["total_eur"] or "") if line["trades"] else ""
            assert shown[in_words(day["delivery_day"]), line["label"].replace(" - ", "–")] == expected
    assert values(table, 3).count("no such hour") == 1


def test_the_hour_that_comes_twice_is_told(dashboard: Dashboard) -> None:
    dashboard.signed_in("desk", view="range", start="2025-10-26", end="2025-10-26")
    hours = values(behind(dashboard, "Total by hour and day"), 1)
    assert (len(hours), hours[2:4]) == (25, ["02–03 A", "02–03 B"])


@pytest.mark.parametrize(
    ("metric", "field"),
    [("Energy traded", "traded_mwh"), ("Trades", "trades"), ("Cash", "pnl_eur"), ("Realised", "realised_eur")],
)
def test_a_range_is_looked_at_by_what_is_chosen(dashboard: Dashboard, stack: Stack, metric: str, field: str) -> None:
    report = stack.get("/v2/reports/pnl", **RANGE)
    dashboard.signed_in("desk", **VIEW)
    dashboard.page.get_by_label("Metric").select_option(metric)
    assert values(behind(dashboard, f"{metric} by day"), 1) == [str(day["total"][field]) for day in report["days"]]
    expect(dashboard.page).to_have_url(re.compile("metric="))


def test_an_edge_is_that_of_both_sides_and_never_a_part_of_it(dashboard: Dashboard, stack: Stack) -> None:
    report = stack.get("/v2/reports/pnl", **RANGE)
    dashboard.signed_in("desk", **VIEW, metric="edge")
    sides = [(day["total"]["edge_buy_eur"], day["total"]["edge_sell_eur"]) for day in report["days"]]
    assert [None in pair for pair in sides] == [False, False, True]  # the samples' prices end with the 29th
    expected = [str(sum(map(Decimal, pair))) for pair in sides[:2]]
    assert values(behind(dashboard, "Edge by day"), 1) == [*expected, ""]


def test_an_edge_says_which_share_of_the_energy_it_covers(dashboard: Dashboard, stack: Stack) -> None:
    report = stack.get("/v2/reports/pnl", **RANGE)
    lines = [line for day in report["days"] for line in day["periods"]]
    dashboard.signed_in("desk", **VIEW)
    for side in ("buy", "sell"):
        known = [line for line in lines if line[f"edge_{side}_eur"] is not None]
        energy, priced = (sum(Decimal(line[f"{side}_mwh"]) for line in some) for some in (lines, known))
        share = Decimal(100 * priced / energy).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert 0 < share < 100
        card = dashboard.card(f"Edge {side}")
        expect(card).to_contain_text(f"EUR on {share} % of the energy")
        gained = sum(Decimal(line[f"edge_{side}_eur"]) for line in known)
        assert card.locator("data").get_attribute("value") == str(gained)
    dashboard.go(view="range", start="2026-03-28", end="2026-03-29")
    expect(dashboard.card("Edge buy")).to_contain_text("EUR on 100.00 % of the energy")


def test_the_scorecard_is_the_api_s(dashboard: Dashboard, stack: Stack) -> None:
    scorecard = stack.get("/v1/reports/scorecard", **RANGE)
    page = dashboard.signed_in("desk", **VIEW).page
    table = page.get_by_role("region", name="Trader scorecard")
    report = stack.get("/v2/reports/pnl", **RANGE)
    lines = {line["label"]: line for line in [*report["traders"], report["total"]]}

    def rank(card: dict[str, Any]) -> Decimal:
        return -Decimal(lines[card["trader_id"]]["total_eur"] or "-Infinity")

    cards = [*sorted(scorecard["traders"], key=rank), scorecard["total"]]
    assert values(table, 0) == [card["trader_id"] or "Total" for card in cards]
    for column, name in COLUMNS.items():
        assert values(table, column) == [str(card[name]) for card in cards], name
    for column, name in VALUE.items():
        assert values(table, column) == [lines[card["trader_id"] or "Total"][name] or "" for card in cards], name
    table.get_by_role("link", name="trader_1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("trader_1")


def test_a_trader_s_range_is_their_own(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("trader_2", **VIEW).page
    assert values(page.get_by_role("region", name="Trader scorecard"), 0) == ["trader_2"]


def test_a_range_stays_within_a_year_and_the_right_way_round(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", **VIEW).page
    page.get_by_role("textbox", name="To").fill("2026-03-01")
    expect(page.get_by_role("textbox", name="From")).to_have_value("2026-03-01")
    page.get_by_role("textbox", name="From").fill("2024-01-01")
    expect(page.get_by_role("textbox", name="To")).to_have_value("2024-12-31")


def test_a_range_without_files_does_not_claim_that_nothing_was_traded(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="range", start="2023-01-01", end="2023-01-07").page
    expect(page.locator(".numbers")).not_to_contain_text(
        re.compile("nothing traded|nothing was traded|nobody", re.IGNORECASE)
    )
    missing = "The trades are not known: there is no usable daily file of 31 Dec, 1 Jan, 2 Jan and 5 more."
    expect(page.get_by_role("status").get_by_text(missing)).to_be_visible()
    expect(dashboard.card("Cash").locator("data")).to_have_text("–")
    notes = values(behind(dashboard, "Total by hour and day"), 3)
    assert set(notes) == {"not known: file missing"}
