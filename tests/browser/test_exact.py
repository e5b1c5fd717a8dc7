"""The page adds amounts as Python does with decimals, and days as its calendar does: nothing is lost to a float."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from playwright.sync_api import Browser, Page, Route

from chalicelib.common.delivery import Period, slot_rows
from chalicelib.positions.model import Direction, Position, PositionKey, change_of
from chalicelib.reports.open_positions import open_positions, window_of
from tests.browser.chart_modules import MODULES, ORIGIN

EXPORTS = {
    "actions/slots.js": ("periodText",),
    "exact.js": ("sum", "percent", "runningPnl", "scaled", "unscaled"),
    "days.js": ("plusDays", "daysBetween", "isDay"),
    "names.js": ("nearest",),
    "today/slots.js": ("priceSteps", "sumOf", "windowOf"),
}


@pytest.fixture(scope="module")
def page_with_modules(chromium: Browser) -> Iterator[Page]:
    """A page with nothing but these modules in it, and what they import."""
    page = chromium.new_page()
    page.route(f"{ORIGIN}/**", serve)
    page.goto(f"{ORIGIN}/")
    for name, exported in EXPORTS.items():
        names = ", ".join(exported)
        source = f'import {{ {names} }} from "./{name}";\nObject.assign(window, {{ {names} }});'
        page.add_script_tag(content=source, type="module")
        page.wait_for_function("(name) => name in window", arg=exported[0])
    yield page
    page.close()


def serve(route: Route) -> None:
    name = route.request.url.removeprefix(f"{ORIGIN}/")
    if name:
        route.fulfill(body=(MODULES / name).read_bytes(), content_type="text/javascript")
    else:
        route.fulfill(body="", content_type="text/html")


def test_amounts_are_added_exactly(page_with_modules: Page) -> None:
    rng = Random(4)
    lists = [
        [str(Decimal(rng.randint(-(10**15), 10**15)).scaleb(-rng.randint(0, 6))) for _ in range(rng.randint(1, 9))]
        for _ in range(200)
    ]
    sums = page_with_modules.evaluate(
        "(lists) => lists.map(sum)", [[f"{Decimal(one):f}" for one in each] for each in lists]
    )
    assert [Decimal(one) for one in sums] == [sum(map(Decimal, each)) for each in lists]


@pytest.mark.parametrize(
    ("amounts", "total"),
    [([], "0"), (["0.10", "0.20"], "0.30"), (["-0.01", "0.01"], "0.00"), (["12", "0.5"], "12.5"), (["-1", "0"], "-1")],
)
def test_a_sum_is_written_as_an_amount(page_with_modules: Page, amounts: list[str], total: str) -> None:
    assert page_with_modules.evaluate("sum", amounts) == total


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        ("1", "3", "33.33"),
        ("2", "3", "66.67"),
        ("0.0005", "10", "0.01"),
        ("0", "7.5", "0.00"),
        ("5", "5.00", "100.00"),
        ("0", "0", None),
    ],
)
def test_a_share_is_rounded_once(page_with_modules: Page, part: str, whole: str, shown: str | None) -> None:
    assert page_with_modules.evaluate("([part, whole]) => percent(part, whole)", [part, whole]) == shown


def test_trades_come_to_the_pnl_of_the_report(page_with_modules: Page) -> None:
    def trade(direction: str, price: int, quantity: int, minute: int) -> dict[str, object]:
        time = f"2026-06-15T08:{minute:02d}:00Z"
        full = {"price_eur_mwh": f"{Decimal(price) / 100:.2f}", "quantity_mw": str(quantity), "execution_time": time}
        return {"direction": direction, **full, **delivering(noon, noon + timedelta(hours=1))}

    noon = datetime(2026, 6, 15, 10, tzinfo=UTC)
    trades = [trade("sell", 10**15 - 1, 10**6, 9), trade("buy", -1, 3, 5), trade("buy", 10**15 - 1, 10**6, 7)]
    running = [step["pnl_eur"] for step in page_with_modules.evaluate("runningPnl", trades)]
    assert running == ["0.03", "-9999999999999989999.97", "0.03"]


def test_days_are_those_of_the_calendar(page_with_modules: Page) -> None:
    first = date(2023, 12, 30)
    for count in (-366, -1, 0, 1, 2, 60, 90, 1000):
        assert page_with_modules.evaluate("([day, count]) => plusDays(day, count)", ["2023-12-30", count]) == str(
            first + timedelta(days=count)
        )
    assert page_with_modules.evaluate("daysBetween('2024-02-27', '2024-03-01')") == [
        "2024-02-27",
        "2024-02-28",
        "2024-02-29",
        "2024-03-01",
    ]
    texts = ["2026-06-15", "2024-02-29", "2023-02-29", "2026-13-01", "26-6-15", "1999-12-31", "2100-01-01", ""]
    assert page_with_modules.evaluate("(texts) => texts.map(isDay)", texts) == [True, True, *[False] * 6]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("trader_l", ["trader_1", "trader_2"]),
        ("Trader 2", ["trader_2", "trader_1"]),
        ("rtader_1", ["trader_1", "trader_2"]),
        ("bot", ["bot_wind"]),
        ("bot_wnid", ["bot_wind"]),
        ("müler", ["Müller"]),
        ("somebody", []),
        ("_", []),
    ],
)
def test_a_name_is_recognised_in_what_was_typed(page_with_modules: Page, typed: str, meant: list[str]) -> None:
    names = ["trader_1", "trader_2", "bot_wind", "Müller"]
    assert page_with_modules.evaluate("([typed, names]) => nearest(typed, names)", [typed, names]) == meant


@pytest.mark.parametrize("grain", [15, 60])
def test_the_window_of_a_row_is_that_of_the_api_in_each_minute(page_with_modules: Page, grain: int) -> None:
    row = slot_rows(date(2026, 3, 29), grain)[7]
    minutes = [row.start + timedelta(minutes=minute) for minute in range(-90, 75)]
    shown = page_with_modules.evaluate(
        "([row, moments]) => moments.map((moment) => windowOf(row, moment))",
        [{"start": row.start.isoformat(), "minutes": grain}, [moment.timestamp() * 1000 for moment in minutes]],
    )
    assert shown == [window_of(row, moment).value for moment in minutes]


@pytest.mark.parametrize("grain", [15, 60])
def test_trades_add_up_to_a_row_of_positions(page_with_modules: Page, grain: int) -> None:
    rng, day = Random(19), date(2025, 10, 26)
    slots = slot_rows(day, 15)
    trades, positions = [], []
    for _ in range(60):
        first = rng.randrange(len(slots) - 8)
        minutes, side = 15 * rng.randint(1, 8), rng.choice(list(Direction))
        cents, kilowatts = rng.randint(-9_999, 19_999), rng.randint(1, 99_999)
        period = Period(slots[first].start, minutes)
        positions.append(Position(PositionKey("trader_1", day, period), change_of(cents, kilowatts, side, minutes)))
        trades.append(
            {
                "direction": side.value,
                "quantity_mw": f"{Decimal(kilowatts) / 1000}",
                "price_eur_mwh": f"{Decimal(cents) / 100:.2f}",
                "delivery_start": period.start.isoformat(),
                "delivery_end": (period.start + timedelta(minutes=minutes)).isoformat(),
            }
        )
    expected = open_positions(day, grain, positions, [None] * len(slots), datetime.now(UTC)).as_json()["slots"]
    inside = "trades.filter((one) => Date.parse(one.delivery_start) < Date.parse(row.start) + row.minutes * 60000"
    inside += " && Date.parse(one.delivery_end) > Date.parse(row.start))"
    sums = page_with_modules.evaluate(
        f"([trades, rows]) => rows.map((row) => sumOf({inside}, row))", [trades, expected]
    )
    assert isinstance(expected, list)
    names = ("trades", "buy_mwh", "sell_mwh", "cash_eur")
    assert sums == [{name: row[name] for name in names} for row in expected]


def test_a_price_has_steps_and_no_slopes(page_with_modules: Page) -> None:
    prices = ["50.00", "52.10", None, "-3.00", None, None, "7.00", "7.00"]
    rows = slot_rows(date(2026, 6, 15), 15)[: len(prices)]
    slots = [
        {"start": row.start.isoformat(), "minutes": 15, "reference": price and {"price_eur_mwh": price}}
        for row, price in zip(rows, prices, strict=True)
    ]
    points = page_with_modules.evaluate("priceSteps", slots)
    lines = [(one, other) for one, other in itertools.pairwise(points) if None not in (one[1], other[1])]
    assert [(one, other) for one, other in lines if one[0] != other[0] and one[1] != other[1]] == []
    level = [other[0] - one[0] for one, other in lines if one[0] != other[0]]
    assert level == [15 * 60_000] * sum(price is not None for price in prices)


@pytest.mark.parametrize("day", [date(2026, 6, 15), date(2026, 10, 25), date(2027, 3, 28)])
def test_quarter_hours_have_the_labels_of_a_report(page_with_modules: Page, day: date) -> None:
    rows = slot_rows(day, 15)
    ends = [row.start + timedelta(minutes=15) for row in rows]
    trades = [delivering(row.start, end) for row, end in zip(rows, ends, strict=True)]
    assert page_with_modules.evaluate("(trades) => trades.map(periodText)", trades) == [
        row.label.replace(" - ", "\N{EN DASH}") for row in rows
    ]


@pytest.mark.parametrize(
    ("start", "hours", "text"),
    [
        (0, 1, "02:00\N{EN DASH}03:00 A"),
        (1, 1, "02:00\N{EN DASH}03:00 B"),
        (0.5, 1, "02:30 A\N{EN DASH}02:30 B"),
        (-1, 4, "01:00\N{EN DASH}04:00"),
        (-2, 25, "00:00\N{EN DASH}24:00"),
    ],
)
def test_a_period_says_which_of_the_doubled_hours(page_with_modules: Page, start: float, hours: int, text: str) -> None:
    begin = datetime(2026, 10, 25, tzinfo=UTC) + timedelta(hours=start)
    trade = delivering(begin, begin + timedelta(hours=hours))
    assert page_with_modules.evaluate("periodText", trade) == text


def test_a_period_of_v1_does_not_say_which_of_the_doubled_hours(page_with_modules: Page) -> None:
    begin = datetime(2026, 10, 25, tzinfo=UTC)
    trade = {**delivering(begin, begin + timedelta(hours=1)), "ambiguous_hour": True}
    assert page_with_modules.evaluate("periodText", trade) == "02:00\N{EN DASH}03:00"


def delivering(start: datetime, end: datetime) -> dict[str, object]:
    return {"delivery_start": start.isoformat(), "delivery_end": end.isoformat()}
