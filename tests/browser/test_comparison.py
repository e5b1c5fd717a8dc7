"""A day beside the same weekday of the week before and the mean of seven days: exact, and of final days only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.dashboard import Dashboard
from tests.infra.running import Stack

DAY = "2026-06-16"
WEEK = {"start_day": "2026-06-09", "end_day": "2026-06-15"}
CHART = "Energy and total by hour"
CENT = Decimal("0.01")


def day(number: int, amounts: Sequence[str], state: str = "complete") -> dict[str, Any]:
    hours = [{"label": f"{hour:02d}", "trades": 1, "total_eur": amount} for hour, amount in enumerate(amounts)]
    return {
        "delivery_day": f"2026-06-{number:02d}",
        "completeness": {"state": state},
        "periods": hours,
        "total": {"minutes": 1440},
    }


def compared(page: Page, days: list[dict[str, Any]], periods: int) -> list[dict[str, Any]]:
    of = {"delivery_day": "2026-06-08", "periods": [{"label": f"{hour:02d}"} for hour in range(periods)]}
    found: list[dict[str, Any]] = page.evaluate("([day, days]) => comparisonsOf(day, days)", [of, days])
    return found


def mean(amounts: Sequence[str]) -> str:
    total = sum(map(Decimal, amounts), Decimal(0))
    return str((total / len(amounts)).quantize(CENT, ROUND_HALF_UP))


def test_the_mean_of_seven_days_is_exact(page_with_modules: Page) -> None:
    rng = Random(6)
    days = [[f"{Decimal(rng.randint(-(10**15), 10**15)).scaleb(-2)}" for _ in range(24)] for _ in range(7)]
    weekday, of_week = compared(page_with_modules, [day(index, pnl) for index, pnl in enumerate(days, 1)], 24)
    assert weekday["amounts"] == days[0]
    assert of_week["amounts"] == [mean(hour) for hour in zip(*days, strict=True)]
    assert (weekday["words"], of_week["words"]) == ("Mon 1 Jun", "7-day mean")


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["0.01", "0.00"], "0.01"),
        (["-0.01", "0.00"], "-0.01"),
        (["0.01", "0.00", "0.00"], "0.00"),
        (["-1.00"], "-1.00"),
    ],
)
def test_halves_are_rounded_away_from_zero(page_with_modules: Page, amounts: list[str], expected: str) -> None:
    assert page_with_modules.evaluate("meanOf", amounts) == expected


def test_days_that_are_not_final_are_left_out_and_named(page_with_modules: Page) -> None:
    states = ["missing", "complete", "open", "corrected", "provisional", "complete", "complete"]
    days = [day(index, [f"{index}.00"], state) for index, state in enumerate(states, 1)]
    weekday, of_week = compared(page_with_modules, days, 1)
    assert weekday["amounts"] == [None]
    assert of_week["amounts"] == [mean(["2.00", "4.00", "6.00", "7.00"])]
    assert of_week["details"] == "Total, mean of 4 of 7 days"
    left_out = page_with_modules.evaluate("leftOut", days)
    assert left_out == "Not final and not compared: 1 Jun (file missing), 3 Jun (not over yet), 5 Jun (provisional)."


def test_an_hour_that_a_day_does_not_have_is_no_zero(page_with_modules: Page) -> None:
    days = [day(index, ["6.00"] * 3) for index in range(1, 8)]
    days[6]["periods"].pop(2)
    days[6]["total"]["minutes"] = 23 * 60
    assert compared(page_with_modules, days, 3)[1]["amounts"] == ["6.00"] * 3
    assert page_with_modules.evaluate("leftOut", days) == "7 Jun has 23 hours."


def test_the_hour_that_comes_twice_is_compared_with_that_of_other_days(page_with_modules: Page) -> None:
    days = [day(index, ["6.00"] * 2) for index in range(1, 8)]
    days[6]["periods"] = [{"label": f"01 {which}", "trades": 1, "total_eur": "13.00"} for which in "AB"]
    assert compared(page_with_modules, days, 2)[1]["amounts"] == ["6.00", "7.00"]
    today = {"delivery_day": "2026-06-08", "periods": [{"label": f"01 {which}"} for which in "AB"]}
    read = "([today, days]) => comparisonsOf(today, days)[1].amounts"
    assert page_with_modules.evaluate(read, [today, days]) == ["7.00", "7.00"]


def test_an_hour_without_a_total_has_no_mean(page_with_modules: Page) -> None:
    days = [day(index, ["6.00"] * 2) for index in range(1, 8)]
    days[3]["periods"][1]["total_eur"] = None
    assert compared(page_with_modules, days, 2)[1]["amounts"] == ["6.00", None]


def test_without_a_final_day_there_is_no_line(page_with_modules: Page) -> None:
    days = [day(index, ["6.00"], "missing") for index in range(1, 8)]
    assert [one["amounts"] for one in compared(page_with_modules, days, 1)] == [[None], [None]]


def test_comparisons_are_thin_steps_beside_the_total(page_with_modules: Page) -> None:
    line = {"label": "00 - 01", "trades": 1, "buy_mwh": "1", "sell_mwh": "0", "total_eur": "5.00"}
    beside = [{"name": "weekday", "words": "Total of Mon", "amounts": ["-70.00", None]}]
    option = page_with_modules.evaluate(
        "([periods, beside]) => hoursOption(periods, palette, beside)", [[line, {**line, "label": "01 - 02"}], beside]
    )
    thin, total = option["series"][-2:]
    assert (thin["name"], thin["data"]) == ("Total of Mon", [[0, -70], [1, -70], [1, None]])
    assert thin["lineStyle"]["width"] < total["lineStyle"]["width"]
    assert option["yAxis"][1]["min"] <= -70


def column(table: Locator, name: str) -> list[str]:
    read = "(cells) => cells.map((cell) => cell.querySelector('data').value)"
    found: list[str] = table.locator(f"tbody td[data-name={name}]").evaluate_all(read)
    return found


@pytest.mark.parametrize("trader", [None, "trader_1"])
def test_a_day_is_compared_with_what_the_api_says(dashboard: Dashboard, stack: Stack, trader: str | None) -> None:
    whose = {"trader_id": trader} if trader else {}
    days = stack.get("/v2/reports/pnl", **WEEK, **whose)["days"]
    periods = stack.get("/v2/reports/pnl", start_day=DAY, end_day=DAY, **whose)["days"][0]["periods"]
    finals = [one for one in days if one["completeness"]["state"] in {"complete", "corrected"}]
    assert finals
    assert days[0] not in finals
    view = {"view": "day", "day": DAY, **({"trader": trader} if trader else {})}
    page = dashboard.signed_in("desk", **view).page
    page.get_by_text(f"{CHART} as a table").click()
    table = page.get_by_role("region", name=CHART)
    expect(table.locator("tbody td[data-name=total_mean]")).to_have_count(len(periods))
    of_hour = [[one["periods"][hour]["total_eur"] for one in finals] for hour in range(len(periods))]
    assert column(table, "total_mean") == [mean(amounts) for amounts in of_hour]
    assert column(table, "total_weekday") == [""] * len(periods)
    expect(page.get_by_text("Not final and not compared: 9 Jun")).to_be_visible()


def test_a_comparison_is_switched_off_for_good(dashboard: Dashboard) -> None:
    page = dashboard.signed_in("desk", view="day", day=DAY).page
    switch = page.get_by_role("button", name="7-day mean")
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.get_by_text(f"{CHART} as a table").click()
    shown = page.get_by_role("region", name=CHART).locator("tbody td[data-name=total_mean]")
    expect(shown).to_have_count(24)
    switch.focus()
    page.keyboard.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(shown).to_have_count(0)
    page.reload()
    expect(switch).to_have_attribute("aria-pressed", "false")


def test_nothing_is_read_for_comparisons_that_are_off(dashboard: Dashboard) -> None:
    asked: list[str] = []
    page = dashboard.signed_in("desk", view="day", day=DAY).page
    switches = [page.get_by_role("button", name=name) for name in ("Tue 9 Jun", "7-day mean")]
    for switch in switches:
        switch.click()
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator(".numbers")).to_be_visible()
    dashboard.settle()
    expect(page.get_by_role("img", name=CHART).locator("canvas")).to_be_visible()
    assert [url for url in asked if "start_day=2026-06-09" in url] == []
    switches[0].click()
    expect(switches[0]).to_have_attribute("aria-pressed", "true")
    page.wait_for_load_state("networkidle")
    assert len([url for url in asked if "start_day=2026-06-09" in url]) == 1


def test_the_seven_days_are_read_once_and_again_after_an_import(dashboard: Dashboard) -> None:
    newest = ["2026-06-17T01:00:00Z"]
    asked: list[str] = []

    def answer(route: Route) -> None:
        report = json.loads(route.fetch().body())
        for one in (report, *report["days"]):
            one["completeness"]["newest_import"] = newest[0]
        route.fulfill(json=report)

    dashboard.page.route(f"**/v2/reports/pnl?start_day={DAY}*", answer)
    dashboard.page.on("request", lambda request: asked.append(request.url))
    page = dashboard.signed_in("desk", view="day", day=DAY).page
    expect(page.get_by_role("button", name="7-day mean")).to_be_visible()
    refresh = page.get_by_role("button", name="Refresh now")
    with page.expect_response(f"**/v2/reports/pnl?start_day={DAY}*"):
        refresh.click()
    newest[0] = "2026-06-17T02:00:00Z"
    with page.expect_request("**/v2/reports/pnl?start_day=2026-06-09*"):
        refresh.click()
    assert sum("start_day=2026-06-09" in url for url in asked) == 2  # when it was opened, and after the import
