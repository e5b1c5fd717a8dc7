"""What the charts draw: steps, one zero for both axes, no line where nothing is known, and missing files as such."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

DAILY = "(days) => dailyOption(days, METRIC.pnl, palette, 1000)"
HEAT = """(days) => heatOption(days, METRIC.pnl, palette, 1000).series.map(
    (one) => one.data.map(({ cell }) => `${cell.day.delivery_day} ${cell.label.slice(0, 2)}`))"""


def line(hour: int, pnl: str | None) -> dict[str, Any]:
    """One hour of a report; without an amount nobody traded in it."""
    return {
        "label": f"{hour:02d} - {hour + 1:02d}",
        "trades": 0 if pnl is None else 1,
        "minutes": 60,
        "buy_mwh": "0" if pnl is None else "12",
        "sell_mwh": "0",
        "pnl_eur": pnl or "0.00",
        "total_eur": pnl or "0.00",
        "slots_without_reference": [],
    }


def day(number: int, state: str, pnl: str | None) -> dict[str, Any]:
    of_day = f"2024-06-{number:02d}"
    return {
        "delivery_day": of_day,
        "completeness": {"state": state, "missing_files": [of_day] if state == "missing" else []},
        "periods": [line(0, pnl)],
        "total": {"trades": 0 if pnl is None else 1, "pnl_eur": pnl or "0.00", "total_eur": pnl or "0.00"},
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


def test_the_total_is_flat_over_an_hour_and_breaks_without_trades(page_with_modules: Page) -> None:
    lines = [line(0, "5.00"), line(1, None), line(2, "-3.00")]
    made = page_with_modules.evaluate("(lines) => hoursOption(lines, palette).series.at(-1)", lines)
    assert (made["name"], made["connectNulls"]) == ("Total", False)
    assert made["data"] == [[0, 5], [1, 5], [1, None], [2, -3], [3, -3]]


def test_a_running_sum_stops_where_nothing_is_known(page_with_modules: Page) -> None:
    days = [day(1, "complete", "5.00"), day(2, "missing", None), day(3, "complete", None), day(4, "missing", "2.00")]
    assert page_with_modules.evaluate("(days) => soFar(days, METRIC.pnl)", days) == ["5.00", None, "5.00", "7.00"]
    option = page_with_modules.evaluate(DAILY, days)
    [so_far] = [one for one in option["series"] if one["name"] == "So far"]
    assert so_far["data"] == [[0, 5], [1, 5], [1, None], [2, 5], [3, 5], [3, 7], [4, 7]]
    assert (so_far["connectNulls"], option["xAxis"][so_far["xAxisIndex"]]["max"]) == (False, len(days))


def test_a_running_sum_ends_before_an_amount_that_is_not_known(page_with_modules: Page) -> None:
    days = [day(number, "complete", f"{number}.00") for number in (1, 2, 3, 4)]
    days[2]["total"]["total_eur"] = None
    read = "(days) => [soFar(days, METRIC.total), allOf(days, METRIC.total), allOf(days, METRIC.pnl)]"
    assert page_with_modules.evaluate(read, days) == [["1.00", "3.00", None, None], None, "10.00"]


def test_an_hour_without_a_total_is_no_zero_and_has_its_reason(page_with_modules: Page) -> None:
    dark = line(1, "7.00") | {"total_eur": None, "slots_without_reference": ["2026-06-15T05:15:00Z"]}
    option = "(lines) => hoursOption(lines, palette)"
    made = page_with_modules.evaluate(f"(lines) => ({option})(lines).series.at(-1).data", [line(0, "5.00"), dark])
    assert made == [[0, 5], [1, 5], [1, None]]
    hint = page_with_modules.evaluate(f"(lines) => ({option})(lines).tooltip.formatter([{{ dataIndex: 0 }}])", [dark])
    assert "No total: no reference price for 07:15–07:30\nCash +7.00 EUR" in hint


SLOTS = [f"2026-06-15T05:{minute}:00Z" for minute in ("15", "30", "45")]


@pytest.mark.parametrize(
    ("starts", "words"),
    [
        (SLOTS[:1], "07:15–07:30"),
        (SLOTS, "07:15–08:00"),
        ([SLOTS[0], SLOTS[2]], "07:15–07:30, 07:45–08:00"),
        (["2026-06-15T21:45:00Z", "2026-06-15T22:00:00Z"], "23:45–24:00, 00:00–00:15"),
        (
            [f"2026-06-15T{hour:02}:00:00Z" for hour in range(5)],
            "02:00–02:15, 03:00–03:15, 04:00–04:15 and 2 more quarter-hours",
        ),
    ],
)
def test_quarter_hours_are_named_in_runs(page_with_modules: Page, starts: Sequence[str], words: str) -> None:
    assert page_with_modules.evaluate("(starts) => slotsInWords(starts)", starts) == words


def test_the_second_hour_two_has_a_row_of_its_own(page_with_modules: Page) -> None:
    days = [day(26, "complete", "1.00"), day(27, "complete", "2.00")]
    days[0]["periods"] = [line(2, "3.00") | {"label": f"02 - 03 {which}"} for which in "AB"]
    days[1]["periods"] = [line(2, "4.00")]
    assert page_with_modules.evaluate("(days) => rowsOf(days).slice(1, 5)", days) == [
        "01 - 02",
        "02 - 03",
        "02 - 03 B",
        "03 - 04",
    ]
    read = "(days) => cellsOf(days).filter(({ line }) => line).map(({ label, x, y }) => [label, x, y])"
    assert page_with_modules.evaluate(read, days) == [["02 - 03 A", 0, 2], ["02 - 03 B", 0, 3], ["02 - 03", 1, 2]]


def test_days_that_are_not_final_are_hatched_and_named(page_with_modules: Page) -> None:
    states = ("complete", "missing", "provisional", "open", "corrected")
    days = [day(number, state, "2.00") for number, state in enumerate(states, 1)]
    days[2]["completeness"]["reasons"] = ["an import is running"]
    series = page_with_modules.evaluate(DAILY, days)["series"]
    bands = {one["name"]: one["data"] for one in series if one["name"] in {"File missing", "Not final"}}
    assert bands == {"File missing": [None, 1, None, None, None], "Not final": [None, None, 1, 1, None]}
    key = page_with_modules.evaluate("(days) => dailyMarks(days, METRIC.pnl).map((mark) => mark.words)", days)
    assert key[-2:] == [
        "days with a missing file: 2 Jun",
        "not final: 3 Jun (provisional, an import is running), 4 Jun (not over yet)",
    ]


def test_final_days_are_not_hatched(page_with_modules: Page) -> None:
    days = [day(1, "complete", "5.00"), day(2, "corrected", None)]
    for one in page_with_modules.evaluate(DAILY, days)["series"][:2]:
        assert one["data"] == [None, None]
    key = page_with_modules.evaluate("(days) => dailyMarks(days, METRIC.pnl).map((mark) => mark.words)", days)
    assert key == ["gain", "loss", "so far (right axis)"]


def test_an_empty_hour_is_drawn_by_what_is_known_of_its_day(page_with_modules: Page) -> None:
    states = ("complete", "missing", "open", "corrected", "provisional")
    days = [day(number, state, None) for number, state in enumerate(states, 1)]
    kinds = page_with_modules.evaluate(HEAT, days)
    assert kinds[1:4] == [
        ["2024-06-01 00", "2024-06-04 00"],
        ["2024-06-02 00"],
        ["2024-06-03 00", "2024-06-05 00"],
    ]


def shades_of(page: Page, amounts: Sequence[str], state: str = "complete") -> list[Any]:
    days = [day(number, state, pnl) for number, pnl in enumerate(amounts, 1)]
    read = "(days) => heatOption(days, METRIC.pnl, palette, 1000).series[0].data.map((one) => one.itemStyle.color)"
    found: list[Any] = page.evaluate(read, days)
    return found


def test_shades_are_quartiles_of_the_absolute_amounts(page_with_modules: Page) -> None:
    amounts = ["1.00", "-2.00", "3.00", "-4.00", "5.00", "-6.00", "7.00", "-900000.00", "0.00"]
    shades = shades_of(page_with_modules, amounts)
    assert shades == ["gain0", "loss0", "gain1", "loss1", "gain2", "loss2", "gain3", "loss3", "zero"]


def test_a_gain_is_as_dark_as_a_loss_of_its_size(page_with_modules: Page) -> None:
    rng = Random(5)
    amounts = [f"{rng.randint(1, 10**6) / 100:.2f}" for _ in range(14)]
    gains = shades_of(page_with_modules, [*amounts, *(f"-{one}" for one in amounts)])
    assert [one[-1] for one in gains[:14]] == [one[-1] for one in gains[14:]]


@pytest.mark.parametrize(
    ("amounts", "shades"),
    [
        (["5.00"], ["gain3"]),
        (["5.00", "-5.00", "5.00"], ["gain3", "loss3", "gain3"]),
        (["0.00", "0.00"], ["zero", "zero"]),
        (["1.00", "-9.00"], ["gain1", "loss3"]),
        (["0.01", "0.02", "0.03", "0.04"], ["gain0", "gain1", "gain2", "gain3"]),
    ],
)
def test_few_amounts_have_fewer_shades(page_with_modules: Page, amounts: list[str], shades: list[str]) -> None:
    assert shades_of(page_with_modules, amounts) == shades


def test_the_key_of_the_heatmap_states_the_limits_of_its_shades(page_with_modules: Page) -> None:
    amounts = ["11.00", "-123.40", "-1234.56", "90000.00", "0.00"]
    days = [day(number, "complete", pnl) for number, pnl in enumerate(amounts, 1)]
    words = "(days, metric) => heatMarks(days, METRIC[metric]).map((mark) => mark.words)"
    key = page_with_modules.evaluate(f"([days, metric]) => ({words})(days, metric)", [days, "pnl"])
    assert key[:6] == ["Cash, EUR, loss or gain, by quartile:", "up to 11", "11–120", "120–1.2k", "over 1.2k", "zero"]
    colours = page_with_modules.evaluate("(days) => heatMarks(days, METRIC.pnl)[2].colour(palette)", days)
    assert colours == ["loss1", "gain1"]
    assert page_with_modules.evaluate(f"([days, metric]) => ({words})(days, metric)", [days, "trades"])[:2] == [
        "Trades, by quartile:",
        "all",
    ]


def test_hours_of_a_day_that_is_not_final_are_hatched(page_with_modules: Page) -> None:
    hatched = """(days) => heatOption(days, METRIC.pnl, palette, 1000).series[0].data
        .map((one) => one.itemStyle.color.image instanceof HTMLCanvasElement)"""
    days = [day(1, "complete", "5.00"), day(2, "provisional", "5.00"), day(3, "open", "-5.00")]
    assert page_with_modules.evaluate(hatched, days) == [False, True, True]


LABELS = """([first, last, width]) => {
    const { axisLabel } = time(palette, Date.parse(first), Date.parse(last), width);
    return axisLabel.customValues.map(axisLabel.formatter);
}"""


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (
            "2026-06-14T06:00:00Z",
            "2026-06-15T16:00:00Z",
            ["12:00\n14 Jun", "18:00", "00:00\n15 Jun", "06:00", "12:00", "18:00"],
        ),
        (
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
            ["00:00\n29 Mar", "04:00", "08:00", "12:00", "16:00", "20:00", "00:00\n30 Mar"],
        ),
        (
            "2025-10-25T22:00:00Z",
            "2025-10-26T23:00:00Z",
            ["00:00\n26 Oct", "06:00", "12:00", "18:00", "00:00\n27 Oct"],
        ),
        ("2026-06-15T08:00:10Z", "2026-06-15T08:04:00Z", ["10:01\n15 Jun", "10:02", "10:03", "10:04"]),
        (
            "2026-06-01T00:00:00Z",
            "2026-06-10T00:00:00Z",
            ["00:00\n2 Jun", "00:00\n4 Jun", "00:00\n6 Jun", "00:00\n8 Jun", "00:00\n10 Jun"],
        ),
    ],
)
def test_an_axis_of_time_is_on_the_berlin_clock_with_dates_at_midnight(
    page_with_modules: Page, first: str, last: str, labels: list[str]
) -> None:
    assert page_with_modules.evaluate(LABELS, [first, last, 380]) == labels


DATES = """([days, width]) => {
    const { data, axisLabel } = dates(palette, days, width);
    return data.filter((_, index) => axisLabel.interval(index)).map(axisLabel.formatter);
}"""


def days_from(first: str, count: int) -> list[str]:
    return [str(date.fromisoformat(first) + timedelta(days=index)) for index in range(count)]


def test_an_axis_of_days_shows_dates_weekdays_where_they_fit_and_years(page_with_modules: Page) -> None:
    two = page_with_modules.evaluate(DATES, [days_from("2026-06-14", 2), 900])
    assert two == ["14 Jun\nSun", "15 Jun\nMon"]
    month = page_with_modules.evaluate(DATES, [days_from("2026-06-01", 30), 360])
    assert month == ["1 Jun", "6 Jun", "11 Jun", "16 Jun", "21 Jun", "26 Jun"]
    year = page_with_modules.evaluate(DATES, [days_from("2025-11-20", 200), 900])
    assert year == ["1 Dec\n2025", "1 Jan\n2026", "1 Feb", "1 Mar", "1 Apr", "1 May", "1 Jun"]


def test_an_axis_labels_steps_as_they_are(page_with_modules: Page) -> None:
    for top in (0.03, 0.75, 5, 7.5, 1250, 130_000):
        axis = page_with_modules.evaluate("(top) => sharingZero([top])[0]", top)
        ticks = [axis["interval"] * index for index in range(round(axis["max"] / axis["interval"]) + 1)]
        labels = page_with_modules.evaluate("(ticks) => ticks.map(format.axis)", ticks)
        units = {"k": 1e3, "m": 1e6}
        shown = [float(text.rstrip("km")) * units.get(text[-1], 1) for text in labels]
        assert shown == pytest.approx(ticks), labels
