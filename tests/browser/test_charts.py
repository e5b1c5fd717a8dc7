"""What the charts draw: one zero for both axes, no line where nothing is known, and missing files as such."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from infra import ROOT

MODULES = ROOT / "chalicelib" / "dashboard" / "js"
ORIGIN = "http://modules.test"
HOOKS = "data:text/javascript,export const useEffect = () => {}, useState = () => [];"
FRAME = f"""<script type="importmap">{{"imports": {{"preact/hooks": "{HOOKS}"}}}}</script>
<script type="module">
  import {{ sharingZero }} from "./axes.js";
  import {{ hoursOption }} from "./day/charts.js";
  import {{ dailyOption, heatOption, soFar }} from "./range/charts.js";
  import {{ METRIC }} from "./range/metrics.js";
  const palette = new Proxy({{ letters: 12 }}, {{ get: (all, name) => all[name] ?? String(name) }});
  Object.assign(window, {{ sharingZero, hoursOption, dailyOption, heatOption, soFar, METRIC, palette }});
</script>"""
DAILY = "(days) => dailyOption(days, METRIC.pnl, palette)"
HEAT = """(days) => heatOption(days, METRIC.pnl, palette, 1000).series.map(
    (one) => one.data.map(({ cell }) => `${cell.day.delivery_day} ${cell.label.slice(0, 2)}`))"""


@pytest.fixture(scope="module")
def page_with_modules(chromium: Browser) -> Iterator[Page]:
    """A page with the sources of the charts in it, as they are before they are bundled."""

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name:
            route.fulfill(body=(MODULES / name).read_bytes(), content_type="text/javascript")
        else:
            route.fulfill(body=FRAME, content_type="text/html")

    page = chromium.new_page()
    page.route(f"{ORIGIN}/**", serve)
    page.goto(f"{ORIGIN}/")
    page.wait_for_function("window.palette")
    yield page
    page.close()


def line(hour: int, pnl: str | None) -> dict[str, Any]:
    """One hour of a report; without PnL nobody traded in it."""
    return {
        "label": f"{hour:02d} - {hour + 1:02d}",
        "trades": 0 if pnl is None else 1,
        "hours_in_period": 1,
        "buy_mw": "0" if pnl is None else "12",
        "sell_mw": "0",
        "pnl_eur": pnl or "0.00",
    }


def day(number: int, state: str, pnl: str | None) -> dict[str, Any]:
    of_day = f"2024-06-{number:02d}"
    return {
        "delivery_day": of_day,
        "completeness": {"state": state, "missing_files": [of_day] if state == "missing" else []},
        "periods": [line(0, pnl)],
        "total": {"trades": 0 if pnl is None else 1, "pnl_eur": pnl or "0.00"},
    }


def zero_of(axis: dict[str, Any]) -> float:
    """How far up the axis its zero is, from 0 to 1."""
    return float(-axis["min"] / (axis["max"] - axis["min"]))


@pytest.mark.parametrize(
    "made", [["-900.00", "20.00"], ["5.00", "7.00"], ["-5.00", "-7.00"], ["120.00", "-1.00"], ["0.00", "0.00"]]
)
def test_both_axes_of_a_chart_have_their_zero_at_one_height(page_with_modules: Page, made: Sequence[str]) -> None:
    days = [day(number, "complete", pnl) for number, pnl in enumerate(made, 1)]
    by_day, so_far = page_with_modules.evaluate(DAILY, days)["yAxis"][:2]
    assert zero_of(by_day) == pytest.approx(zero_of(so_far))
    energy, money = page_with_modules.evaluate(
        "(lines) => hoursOption(lines, palette).yAxis", [line(1, pnl) for pnl in made]
    )
    assert zero_of(energy) == pytest.approx(zero_of(money))


def test_a_zero_line_is_drawn_where_zero_is(page_with_modules: Page) -> None:
    option = page_with_modules.evaluate(DAILY, [day(1, "complete", "-5.00"), day(2, "complete", "7.00")])
    assert option["xAxis"][0]["axisLine"]["onZero"] is True
    assert [axis.get("splitLine", {}).get("show", True) for axis in option["yAxis"][:2]] == [True, False]


def test_axes_hold_all_their_numbers_in_round_steps(page_with_modules: Page) -> None:
    first, second = page_with_modules.evaluate("sharingZero([-3, 11, null], [-0.2, 4000])")
    assert first["min"] <= -3
    assert first["max"] >= 11
    assert second["min"] <= -0.2
    assert second["max"] >= 4000
    for axis in (first, second):
        assert (axis["max"] - axis["min"]) % axis["interval"] == 0


def test_no_line_goes_through_hours_without_trades(page_with_modules: Page) -> None:
    lines = [line(0, "5.00"), line(1, None), line(2, "-3.00")]
    made = page_with_modules.evaluate("(lines) => hoursOption(lines, palette).series.at(-1)", lines)
    assert (made["name"], made["data"], made["connectNulls"]) == ("PnL", [5, None, -3], False)


def test_a_running_sum_stops_where_nothing_is_known(page_with_modules: Page) -> None:
    days = [day(1, "complete", "5.00"), day(2, "missing", None), day(3, "complete", None), day(4, "missing", "2.00")]
    assert page_with_modules.evaluate("(days) => soFar(days, METRIC.pnl)", days) == ["5.00", None, "5.00", "7.00"]
    [so_far] = [one for one in page_with_modules.evaluate(DAILY, days)["series"] if one["name"] == "So far"]
    assert (so_far["data"], so_far["connectNulls"]) == ([5, None, 5, 7], False)


def test_days_whose_file_is_missing_are_marked(page_with_modules: Page) -> None:
    days = [day(1, "complete", None), day(2, "missing", None), day(3, "missing", "2.00")]
    option = page_with_modules.evaluate(DAILY, days)
    [marked] = [one for one in option["series"] if one["name"] == "File missing"]
    assert marked["data"] == [None, 1, 1]
    assert option["legend"]["data"] == ["Day", "So far"]


def test_an_empty_hour_is_drawn_by_what_is_known_of_its_day(page_with_modules: Page) -> None:
    states = ("complete", "missing", "open", "corrected", "provisional")
    days = [day(number, state, None) for number, state in enumerate(states, 1)]
    kinds = page_with_modules.evaluate(HEAT, days)
    assert kinds[1:4] == [
        ["2024-06-01 00", "2024-06-04 00"],
        ["2024-06-02 00"],
        ["2024-06-03 00", "2024-06-05 00"],
    ]
