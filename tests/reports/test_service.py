"""Reports: read from positions, for those who may see them, with what is known of the data behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.clock import yesterday
from chalicelib.common.errors import InvalidRequest, NotAllowed
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.positions.model import Position
from chalicelib.prices.quote import Quote
from chalicelib.reports.columns import line_json
from chalicelib.reports.completeness import State
from chalicelib.reports.pnl import Report
from chalicelib.reports.scorecard import Scorecard
from chalicelib.reports.service import LOOKED_BACK, ReportStores, newest_day, report_pnl, report_scorecard
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeReceipts
from tests.fakes.fees import FakeFees
from tests.fakes.prices import FakePrices, hourly_quotes
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import from_file, posted, trade

DAY = date(2023, 2, 28)
DESK = Identity("desk", Role.DESK)
TRADER = Identity("tina", Role.TRADER, "trader_1")


@pytest.fixture
def book() -> FakeBook:
    held = FakeBook()
    held.add([posted(trade("a")), posted(trade("b", trader_id="trader_2"))])
    return held


def report(
    book: FakeBook, caller: Identity, trader_id: str | None = None, receipts: FakeReceipts | None = None
) -> Report:
    return report_pnl(trader_id, DAY, DAY, caller, shelf(book, receipts))


def shelf(book: FakeBook, receipts: FakeReceipts | None = None, prices: FakePrices | None = None) -> ReportStores:
    return ReportStores(book, receipts or FakeReceipts(), prices or FakePrices(), FakeFees(), FakeClock())


def test_the_desk_sees_everybody_in_lines_of_their_own(book: FakeBook) -> None:
    shown = report(book, DESK)
    assert [line.label for line in shown.traders or ()] == ["trader_1", "trader_2"]
    assert shown.total.totals.trades == 2


def test_a_trader_sees_their_own_report_with_or_without_the_filter(book: FakeBook) -> None:
    assert report(book, TRADER) == report(book, TRADER, "trader_1")
    assert report(book, TRADER).total.totals.trades == 1


@pytest.mark.parametrize("foreign", ["trader_2", "nobody"])
def test_a_trader_learns_nothing_of_another_not_even_that_they_exist(book: FakeBook, foreign: str) -> None:
    with pytest.raises(NotAllowed, match="not yours to see"):
        report(book, TRADER, foreign)


def test_a_day_is_complete_when_both_its_files_are(book: FakeBook) -> None:
    receipts = FakeReceipts()
    for file_day in (DAY - timedelta(days=1), DAY):
        import_of(file_day, receipts)
    assert report(book, DESK, receipts=receipts).days[0].completeness.state is State.COMPLETE
    assert report(book, DESK).days[0].completeness.state is State.MISSING


def test_a_range_has_its_days_in_order(book: FakeBook) -> None:
    shown = report_pnl(None, DAY - timedelta(days=20), DAY, DESK, shelf(book))
    assert [day.delivery_day for day in shown.days] == [DAY - timedelta(days=back) for back in range(20, -1, -1)]


def test_a_backward_range_is_refused_before_anything_is_read(book: FakeBook) -> None:
    with pytest.raises(InvalidRequest):
        report_pnl(None, DAY, DAY - timedelta(days=1), DESK, shelf(book))


@pytest.mark.parametrize("days", [1, 2], ids=["a day", "a range"])
@pytest.mark.parametrize("read", [report_pnl, report_scorecard])
def test_no_report_is_complete_with_numbers_read_before_their_file(
    read: Callable[..., Report | Scorecard], days: int
) -> None:
    """The last files end while the numbers are read: their state must not be newer than they are."""
    receipts = FakeReceipts()

    class EndsMeanwhile(FakeBook):
        def positions(self, delivery_day: date, trader_id: str | None) -> Sequence[Position]:
            before = super().positions(delivery_day, trader_id)
            self.add([from_file(trade("a"))])
            for back in range(days + 1):
                import_of(DAY - timedelta(days=back), receipts)
            return before

    shown = read(None, DAY - timedelta(days=days - 1), DAY, DESK, shelf(EndsMeanwhile(), receipts))
    assert shown.completeness.state is not State.COMPLETE or shown.total.totals.trades == 1


def import_of(file_day: date, receipts: FakeReceipts) -> None:
    now = datetime(2023, 3, 1, tzinfo=UTC)
    lease = receipts.acquire(file_day, "t", now, now)
    receipts.save(lease, Receipt(file_day, 1, FileState.IMPORTED, key="k", sha256="s", object_version="1"), now)


def test_yesterday_is_berlins() -> None:
    assert yesterday(FakeClock(datetime(2023, 2, 28, 23, tzinfo=UTC))) == DAY
    assert yesterday(FakeClock(datetime(2023, 2, 28, 22, 59, tzinfo=UTC))) == DAY - timedelta(days=1)


def test_a_report_holds_own_prices_against_the_references_there_are(book: FakeBook) -> None:
    prices = FakePrices()
    prices.record(hourly_quotes({DAY: {13: Quote(5200, 1, "desk")}}))
    shown = report_pnl("trader_1", DAY, DAY, DESK, shelf(book, prices=prices))
    assert line_json(shown.total)["edge_buy_eur"] == "20.00"
    assert line_json(report(book, DESK, "trader_1").total)["edge_buy_eur"] is None


def test_a_trader_s_scorecard_has_no_card_but_their_own(book: FakeBook) -> None:
    shown = report_scorecard(None, DAY, DAY, TRADER, shelf(book))
    assert [card.trader_id for card in (*shown.traders, shown.total)] == ["trader_1", "trader_1"]
    with pytest.raises(NotAllowed):
        report_scorecard("trader_2", DAY, DAY, TRADER, shelf(book))


def test_the_desk_s_scorecard_has_a_card_a_trader_and_one_of_all(book: FakeBook) -> None:
    shown = report_scorecard(None, DAY, DAY, DESK, shelf(book))
    assert [card.trader_id for card in (*shown.traders, shown.total)] == ["trader_1", "trader_2", None]


def test_the_newest_day_with_trades_is_each_traders_own(book: FakeBook) -> None:
    later = DAY + timedelta(days=1)
    book.add([posted(trade("c", trader_id="trader_2", delivery_day=str(later)))])
    assert newest_day(None, DESK, shelf(book)) == newest_day("trader_2", DESK, shelf(book)) == later
    assert newest_day(None, TRADER, shelf(book)) == DAY
    assert newest_day("nobody", DESK, shelf(book)) is None
    with pytest.raises(NotAllowed):
        newest_day("trader_2", TRADER, shelf(book))


@pytest.mark.parametrize(("back", "found"), [(0, True), (LOOKED_BACK - 1, True), (LOOKED_BACK, False), (-1, False)])
def test_the_newest_day_is_looked_for_from_tomorrow_back_through_a_year(back: int, found: bool) -> None:
    day = yesterday(FakeClock()) + timedelta(days=2 - back)
    book = FakeBook()
    book.add([posted(trade("a", delivery_day=str(day)))])
    assert newest_day(None, DESK, shelf(book)) == (day if found else None)
