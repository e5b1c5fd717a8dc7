"""Each figure of six days is the same on the page, in the API and from the command, exactly and as it is shown.

Both days of a clock change, a day with a block, one with a self-trade, one with hours without a price, and one that a
corrected file is changing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from subprocess import PIPE, Popen
from sys import executable
from typing import Any, Final

import boto3
import pytest
import requests
from playwright.sync_api import Locator, expect

from chalicelib.common.delivery import HOUR
from chalicelib.feeds.feed import file_name
from chalicelib.reports.column import Column, Kind, View
from chalicelib.reports.valued_columns import VALUED
from samples.generate import day_of_trades, write_daily_file, write_price_file
from samples.prices import day_of_prices, price_file_name
from tests.browser.daily_files import newest
from tests.browser.dashboard import Dashboard
from tests.fixtures.statements import stated
from tests.infra.running import ADMIN, Stack, until

SPRING, AUTUMN = "2026-03-29", "2025-10-26"
BLOCK, SELF_TRADE, PRICELESS, CHANGING = (f"2024-06-{day}" for day in (11, 12, 13, 14))
STATES: Final = {
    SPRING: "complete",
    AUTUMN: "complete",
    BLOCK: "corrected",
    SELF_TRADE: "corrected",
    PRICELESS: "corrected",
    CHANGING: "provisional",
}
QUARTERS: Final = {SPRING: 92, AUTUMN: 100, BLOCK: 96, SELF_TRADE: 96, PRICELESS: 96, CHANGING: 96}
SEED, ROWS = 11, 60
FEES: Final = ("fees_eur", "net_pnl_eur")
RATED = "nordpool"
"""The venue with a rate of fees, at which only the trade of the day with a block is."""
DARK = {7, 8, 20}
"""Hours without a price."""
DOUBLED = 2
"""Hours in the line of `/v1` for the hour that comes twice; the page and `/v2` have a line for each of them."""
HOURLY = ["--grain", "hour"]

FILE_DAYS = [date(2024, 6, day) for day in range(10, 15)]
CARDS: Final = {
    "Total": ("total_eur", "realised_eur", "unrealised_eur"),
    "Cash": ("pnl_eur",),
    "Bought": ("buy_mwh", "vwap_buy"),
    "Sold": ("sell_mwh", "vwap_sell"),
    "Net": ("net_mwh",),
    "Edge buy": ("edge_buy", "edge_buy_eur"),
    "Edge sell": ("edge_sell", "edge_sell_eur"),
}
ALWAYS: Final = frozenset(fields[0] for fields in CARDS.values()) | {"unrealised_eur"}
TODAY: Final = {
    "buy_mw": ("buy_mw", "energy"),
    "vwap_buy": ("vwap_buy_eur_mwh", "price"),
    "sell_mw": ("sell_mw", "energy"),
    "vwap_sell": ("vwap_sell_eur_mwh", "price"),
    "net_mw": ("net_mw", "signed energy"),
    "open_mwh": ("open_mwh", "signed energy"),
    "reference": ("reference", "price"),
    "cash_eur": ("cash_eur", "signed price"),
}
"""The columns of Today: the name of each in the API, and how it is shown."""
MEANS: Final = (("buy", "buy"), ("sell", "sell"), ("net", "open"))
AMOUNTS = "all => all.map((one) => [one.value, one.textContent])"
CELLS = """rows => rows.map((row) => Object.fromEntries([...row.querySelectorAll("td[data-name]")].map(
    (cell) => [cell.dataset.name, cell.querySelector("data") ?? cell]).map(
    ([name, one]) => [name, [one.value ?? one.textContent, one.textContent]])))"""
Figure = list[str]
"""The exact value of a figure, and its text."""
Line = Mapping[str, Any]


def shown(value: object, how: str, *, is_known: bool = True) -> Figure:
    """Return a figure as an English reader sees it."""
    number = Decimal(str(value or 0))
    if how.endswith("price"):
        number = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    sign = "−" if number < 0 else "+" if number > 0 and how.startswith("signed") else ""
    text = "–" if value is None or not is_known else f"{sign}{abs(number):,f}"
    return ["" if value is None else str(value), text]


def how_of(column: Column[Any]) -> str:
    how = "price" if column.kind in {Kind.MONEY, Kind.PRICE} else "energy"
    return f"signed {how}" if column.signed else how


REPORT: Final = {column.name: how_of(column) for column in VALUED if column.kind.is_number}


def line_of(line: Line, view: View, *, is_known: bool = True, has_fees: bool = False) -> dict[str, Figure]:
    """Return the cells of a line of a report in a table of the page."""
    columns = [column for column in VALUED if view in column.views and (has_fees or column.name not in FEES)]
    return {
        one.name: shown(line[one.name], how_of(one), is_known=is_known or line["trades"] > 0 or not one.of_trades)
        for one in columns
    }


def row_of(slot: Line) -> dict[str, Figure]:
    """Return the cells of a row of positions; the power of an hour is the mean of its quarter-hours."""
    mean = {f"{side}_mw": slot[f"{of}_mwh"] for side, of in MEANS} if slot["minutes"] == HOUR else {}
    values = {**slot, **mean, "reference": (slot["reference"] or {}).get("price_eur_mwh")}
    return {name: shown(values[of_api], how) for name, (of_api, how) in TODAY.items()}


def cells_of(rows: Locator, expected: Sequence[Mapping[str, Figure]]) -> list[dict[str, Figure]]:
    """Return what stands in these rows, of the columns that are expected."""
    found: list[dict[str, Figure]] = rows.evaluate_all(CELLS)
    return [{name: row[name] for name in expected[0]} for row in found]


def card_of(dashboard: Dashboard, name: str) -> list[Figure]:
    amounts: list[Figure] = dashboard.card(name).locator("data").evaluate_all(AMOUNTS)
    return amounts


class Commands:
    """The command's answers, all asked at once while the page is read."""

    def __init__(self, stack: Stack, *asked: Sequence[str]) -> None:
        commands = [[executable, "-m", "cli", *arguments, "-o", "json"] for arguments in asked]
        self._running = [Popen(one, env=stack.environment, stdout=PIPE, stderr=PIPE, text=True) for one in commands]

    def answers(self) -> list[Any]:
        ended = [process.communicate(timeout=90) for process in self._running]
        assert [process.returncode for process in self._running] == [0] * len(ended), ended
        return [json.loads(out) for out, _ in ended]


def timeless(answer: Line) -> dict[str, Any]:
    """Leave out when it was read."""
    return {name: value for name, value in answer.items() if name != "as_of"}


def deliver_all(stack: Stack) -> None:
    """Deliver all files of the days, and what no daily file can hold."""
    inbox = stack.data_dir / "inbox"
    rows = {day: day_of_trades(day, seed=SEED, count=ROWS) for day in FILE_DAYS}
    for day in FILE_DAYS:
        write_daily_file(inbox / file_name(day), rows[day])
        priced = [
            one for one in day_of_prices(day, seed=SEED) if f"{day}" != PRICELESS or one.delivery_hour not in DARK
        ]
        write_price_file(inbox / price_file_name(day), priced)
    until(lambda: all(is_in_book(stack, f"{day}", version=1) for day in FILE_DAYS))
    until(lambda: len(stack.get("/v1/prices", start_day=BLOCK, end_day=CHANGING)) == 4 * 24 - len(DARK))
    state(stack, BLOCK, "block", "06:00", "18:00", quantity_mw="12.5", price_eur_mwh="61.37", direction="sell")
    state(stack, BLOCK, "quarter", "10:15", "10:30", quantity_mw="0.1", price_eur_mwh="-3.33", venue=RATED)
    set_rate(stack)
    for direction, trader in (("buy", "trader_1"), ("sell", "trader_2")):
        state(stack, SELF_TRADE, "both", "10:00", "11:00", quantity_mw="7.3", direction=direction, trader_id=trader)
    state(stack, PRICELESS, "dark", "05:15", "05:30", quantity_mw="3.7", price_eur_mwh="88.88")
    last = FILE_DAYS[-1]
    corrected = [row._replace(price=row.price + number % 4 * 45) for number, row in enumerate(rows[last])]
    write_daily_file(inbox / file_name(last), corrected)
    until(lambda: is_in_book(stack, CHANGING, version=2))
    mark_as_changing(stack, CHANGING)


def is_in_book(stack: Stack, day: str, *, version: int) -> bool:
    found = newest(stack, day)
    return bool(found["version"] == version and found["state"] in {"imported", "corrected"})


def state(stack: Stack, day: str, trade_id: str, start: str, end: str, **terms: str) -> None:
    times = {"delivery_start": f"{day}T{start}:00Z", "delivery_end": f"{day}T{end}:00Z"}
    body = stated(id=trade_id, execution_time=f"{day}T01:00:00Z", **times) | terms
    answer = requests.post(f"{stack.url}/v2/trades", json=body, auth=ADMIN, timeout=30)
    assert answer.status_code == 200, answer.text


def set_rate(stack: Stack) -> None:
    rates = [{"venue": RATED, "kind": "trading", "valid_from": BLOCK, "rate_eur_mwh": "1.2345"}]
    revision = stack.get("/v2/fees")["revision"]
    body = {"revision": revision, "fees": rates}
    answer = requests.put(f"{stack.url}/v2/fees", json=body, auth=ADMIN, timeout=30)
    assert answer.status_code == 200, answer.text


def mark_as_changing(stack: Stack, day: str) -> None:
    """Mark the day as the run of its file does before it changes the first trade."""
    variables = json.loads((stack.data_dir / "stack.json").read_text())["environment"]
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=variables["AWS_ENDPOINT_URL_DYNAMODB"],
        region_name=variables["AWS_DEFAULT_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    dynamodb.update_item(
        TableName="voltbook-local-files",
        Key={"file_day": {"S": f"delivery#{day}"}, "version": {"S": "current"}},
        UpdateExpression="ADD running :file",
        ExpressionAttributeValues={":file": {"SS": [day]}},
    )


@pytest.fixture(scope="module")
def _six_days(stack: Stack) -> None:
    deliver_all(stack)


@pytest.mark.smoke
@pytest.mark.usefixtures("_six_days")
@pytest.mark.parametrize(("day", "completeness"), STATES.items())
def test_the_day_is_that_of_the_api_and_the_command(
    dashboard: Dashboard, stack: Stack, day: str, completeness: str
) -> None:
    days = {"start_day": day, "end_day": day}
    commands = Commands(stack, *(["report", "--start-day", day, "--end-day", day, *grain] for grain in ([], HOURLY)))
    page = dashboard.signed_in("desk", view="day", day=day).page
    report, valued = (stack.get(f"/{version}/reports/pnl", **days) for version in ("v1", "v2"))
    assert [timeless(answer) for answer in commands.answers()] == [timeless(report), timeless(valued)]
    [of_day], [valued_day] = report["days"], valued["days"]
    single = {one["start"]: one for one in [*valued_day["periods"], valued_day["total"]]}
    for line in [*of_day["periods"], of_day["total"]]:
        if line["hours_in_period"] != DOUBLED:
            assert line == {name: single[line["start"]].get(name, line[name]) for name in line}
    assert of_day["completeness"]["state"] == completeness
    expect(page.locator(".badge")).to_have_attribute("data-state", completeness)

    is_known = completeness in {"complete", "corrected"}
    total, has_fees = valued_day["total"], day == BLOCK
    hours = [*valued_day["periods"], total]
    lines = [line_of(line, View.PAGE_HOURS, is_known=is_known, has_fees=has_fees) for line in hours]
    assert cells_of(page.locator("tr[data-hour]"), lines) == lines
    assert (total["total_eur"] is None, total["fees_eur"] != "0.00") == (day == PRICELESS, has_fees)
    for name, fields in CARDS.items():
        if name == "Cash" and has_fees:
            fields += FEES  # noqa: PLW2901 - a card with fees has them after its own
        known = [field for field in fields if field in ALWAYS or total[field] is not None]
        assert card_of(dashboard, name) == [shown(total[field], REPORT[field]) for field in known], name
    assert card_of(dashboard, "Trades") == [shown(total["trades"], "energy")]
    if total["slots_without_reference"]:
        expect(dashboard.card("Total")).to_contain_text("no reference price for 07:00–09:00, 20:00–21:00")
    made = [line["total_eur"] for line in valued_day["periods"] if line["trades"] and line["total_eur"] is not None]
    for name, hour in (("Best hour", max(made, key=Decimal)), ("Worst hour", min(made, key=Decimal))):
        assert card_of(dashboard, name) == [shown(hour, "signed price")]
    losses_first = sorted(valued["traders"], key=lambda line: Decimal(line["total_eur"] or "Infinity"))
    by_trader = [line_of(line, View.PAGE_TRADERS, has_fees=has_fees) for line in losses_first]
    traders = page.get_by_role("region", name="Value by trader").locator("tbody tr")
    assert cells_of(traders, by_trader) == by_trader


@pytest.mark.smoke
@pytest.mark.usefixtures("_six_days")
@pytest.mark.parametrize(("day", "quarters"), QUARTERS.items())
def test_today_is_that_of_the_api_and_the_command(dashboard: Dashboard, stack: Stack, day: str, quarters: int) -> None:
    commands = Commands(stack, *(["positions", day, "--grain", grain] for grain in ("quarter", "hour")))
    page = dashboard.signed_in("desk", view="today", **{"from": day}).page
    by_grain = [stack.get("/v2/positions", day=day, grain=grain) for grain in ("15", "60")]
    assert [timeless(answer) for answer in commands.answers()] == [timeless(answer) for answer in by_grain]
    assert [len(answer["slots"]) for answer in by_grain] == [quarters, quarters // 4]
    body = page.locator(f'tbody:has(tr[data-day="{day}"])')
    for answer, name in zip(by_grain, ("Quarter-hours", "Hours"), strict=True):
        page.get_by_role("button", name=name, exact=True).click()
        dashboard.settle()
        expected = [row_of(slot) for slot in answer["slots"]]
        expect(body.locator("tr[data-slot]")).to_have_count(len(expected))
        assert cells_of(body.locator("tr[data-slot]"), expected) == expected
        labels = body.locator("tr[data-slot] button").all_text_contents()
        assert labels == [slot["label"].replace(" - ", "–") for slot in answer["slots"]]
    total = by_grain[0]["total"]
    sums = {name: shown(total[name], TODAY[name][1]) for name in ("open_mwh", "cash_eur")}
    assert cells_of(body.locator("tr.day"), [sums]) == [sums]
    report = stack.get("/v1/reports/pnl", start_day=day, end_day=day)["total"]
    assert card_of(dashboard, "Cash")[0] == sums["cash_eur"] == shown(report["pnl_eur"], "signed price")
    for name, side in (("Bought", "buy"), ("Sold", "sell")):
        energy, vwap = total[f"{side}_mwh"], total[f"vwap_{side}_eur_mwh"]
        assert card_of(dashboard, name) == [shown(energy, "energy"), shown(vwap, "price")]
        assert [energy, vwap] == [report[f"{side}_mwh"], report[f"vwap_{side}"]]
