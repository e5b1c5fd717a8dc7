"""However trades reach the book, posted, in files, again, or corrected, in whatever order: the report is the same."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.identity import Identity, Role
from chalicelib.common.delivery import days_between
from chalicelib.common.errors import ConflictingTrade
from chalicelib.reports.columns import card_json, line_json
from chalicelib.reports.pnl import build_report
from chalicelib.reports.service import ReportStores, report_pnl, report_scorecard
from chalicelib.trades.model import Trade
from chalicelib.trades.service import book_trade
from tests.fakes.fees import FakeFees
from tests.fakes.prices import FakePrices
from tests.fixtures.daily_files import csv_of
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import positions_of, trade

FIRST, LAST = date(2023, 2, 20), date(2023, 2, 22)
ADMIN = Identity("admin", Role.ADMIN)


@dataclass(frozen=True)
class Path:
    """What becomes of one trade: in the exchange's file or not, posted how often, and said wrongly by whom first."""

    right: Trade
    wrong: Trade
    filed: bool
    wrong_in_first_version: bool
    posts_wrong: bool
    posts: int


def terms() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "price": st.integers(-(10**6), 10**6),
            "quantity": st.integers(1, 500),
            "direction": st.sampled_from(["buy", "sell"]),
            "delivery_day": st.dates(FIRST, LAST).map(str),
            "delivery_hour": st.integers(0, 23),
            "trader_id": st.sampled_from(["x", "y"]),
        }
    )


@st.composite
def paths(draw: st.DrawFn) -> list[Path]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        right, wrong = (trade(str(number), **draw(terms())) for _ in range(2))
        filed = draw(st.booleans())
        found.append(
            Path(
                right,
                wrong,
                filed,
                wrong_in_first_version=draw(st.booleans()),
                posts_wrong=filed and draw(st.booleans()),
                posts=draw(st.integers(0 if filed else 1, 2)),
            )
        )
    return found


@given(paths(), st.randoms(use_true_random=False))
def test_the_way_a_trade_took_is_not_in_the_report(taken: list[Path], order: Any) -> None:
    sandbox = ImportSandbox()

    def post(one: Trade) -> None:
        with suppress(ConflictingTrade):
            book_trade(one, ADMIN, sandbox.book, sandbox.clock)

    posts = [path.wrong if path.posts_wrong else path.right for path in taken for _ in range(path.posts)]
    versions = [
        csv_of([path.wrong if path.wrong_in_first_version else path.right for path in taken if path.filed]),
        csv_of([path.right for path in taken if path.filed]),
    ]
    steps: list[Any] = [*posts, *(bytes for _ in versions)]
    order.shuffle(steps)
    for step in steps:
        if step is bytes:
            sandbox.deliver(versions.pop(0))
        else:
            post(step)

    shelf = ReportStores(sandbox.book, sandbox.receipts, FakePrices(), FakeFees(), sandbox.clock)
    shown = report_pnl(None, FIRST, LAST, ADMIN, shelf)
    days = days_between(FIRST, LAST)
    positions = positions_of(path.right for path in taken)
    held = {day: [one for one in positions if one.key.delivery_day == day] for day in days}
    known = {day.delivery_day: day.completeness for day in shown.days}
    direct = build_report(None, held, known, {}, sandbox.clock.now())
    assert shown == direct
    cards = report_scorecard(None, FIRST, LAST, ADMIN, shelf)
    assert card_json(cards.total)["pnl_eur"] == line_json(shown.total)["pnl_eur"]
    assert {card.trader_id for card in cards.traders} == {path.right.trader_id for path in taken}
