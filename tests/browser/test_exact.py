"""The page adds amounts as Python does with decimals, and days as its calendar does: nothing is lost to a float."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from playwright.sync_api import Browser, Page

from infra import ROOT

MODULES = ROOT / "chalicelib" / "dashboard" / "js"
EXPORTS = {
    "exact.js": ("sum", "lineOf", "runningPnl"),
    "days.js": ("plusDays", "daysBetween", "isDay"),
    "names.js": ("nearest",),
}


@pytest.fixture(scope="module")
def page_with_modules(chromium: Browser) -> Iterator[Page]:
    """A page with nothing but these modules in it."""
    page = chromium.new_page()
    for name, exported in EXPORTS.items():
        source = (MODULES / name).read_text("utf-8")
        page.add_script_tag(content=f"{source}\nObject.assign(window, {{ {', '.join(exported)} }});", type="module")
    yield page
    page.close()


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


def test_trades_come_to_a_line_of_the_report(page_with_modules: Page) -> None:
    def trade(direction: str, price: int, quantity: int, minute: int) -> dict[str, object]:
        time = f"2026-06-15T08:{minute:02d}:00Z"
        return {"direction": direction, "price": price, "quantity": quantity, "execution_time": time}

    trades = [trade("sell", 10**15 - 1, 10**6, 9), trade("buy", -1, 3, 5), trade("buy", 10**15 - 1, 10**6, 7)]
    assert page_with_modules.evaluate("lineOf", trades) == {
        "trades": 3,
        "buy_mwh": "1000003",
        "sell_mwh": "1000000",
        "pnl_eur": "0.03",
    }
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
