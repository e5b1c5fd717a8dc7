"""Files of another format than the daily one: what verify finds of them, and which missing trades they name."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import Lease
from chalicelib.imports.acceptance import accept
from chalicelib.imports.context import ImportContext
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.manual_withdrawal import WithdrawTrade, withdraw_trade
from chalicelib.imports.polling import arrived
from chalicelib.positions.model import VENUE, Direction
from chalicelib.trades.model import State, Trade
from chalicelib.trades.revision import Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.service import state_trade
from chalicelib.trades.side import side_id
from chalicelib.trades.statement import Statement
from tests.fakes.admin import FakeLedger
from tests.fixtures.import_nights import ADMIN, csv_of, some
from tests.fixtures.trades import posted
from tests.imports.test_two_feeds import DAY, NEXT, NORDPOOL, TwoFeeds

COLUMNS = (
    *("id", "venue", "delivery_start", "delivery_end", "price_eur_mwh", "quantity_mw", "direction", "trader_id"),
    *("execution_time", "area", "text", "state", "venue_revision"),
)
TRADES = [one._replace(venue="nordpool") for one in some(20, "2026-06-15T10:00:00Z", "a")]
FIRST, *REST = TRADES
FIRST = FIRST._replace(venue_revision=2, area="10YDE-EON------1", text="a remark")


def _row(one: Trade) -> str:
    start, end = one.period.start, one.period.start + timedelta(minutes=one.period.minutes)
    times = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in (start, end))
    numbers = (f"{one.price / 100:.2f}", one.kw / 1000)
    known = (one.id, one.venue, *times, *numbers, one.direction.value, one.trader_id, one.execution_time)
    number = "" if one.venue_revision is None else one.venue_revision
    return ",".join(map(str, (*known, one.area or "", one.text or "", one.state.value, number)))


def v2_csv_of(rows: Sequence[Trade]) -> bytes:
    """Return a file in `voltbook-v2` of these trades."""
    return "\n".join([",".join(COLUMNS), *map(_row, rows), ""]).encode()


class OtherFormat(TwoFeeds):
    """A book with the files of a sender in `voltbook-v2`."""

    feed = replace(NORDPOOL, format="voltbook-v2")

    def desk(self) -> ImportContext:
        return replace(super().desk(), reader_of=lambda feed: reader_of(feed.format, tuple, feed.venue))

    def other(self, rows: Sequence[Trade], day: date = DAY, clock: str = "01:00") -> Receipt:
        self.at(day + timedelta(days=1), clock)
        return self.again_other(rows, day)

    def again_other(self, rows: Sequence[Trade], day: date = DAY) -> Receipt:
        self.store.put(self.feed.key(day), io.BytesIO(v2_csv_of(rows)))
        receipt = arrived(self.feed.key(day), self.desk())
        assert isinstance(receipt, Receipt)
        return receipt

    def deviations(self) -> Sequence[str]:
        desk = self.desk()
        stores = BookStores(self.receipts, self.store, self.book, desk.feeds, desk.reader_of)
        return verify(FakeLedger(self.book, self.receipts), stores).deviations

    def state_over_http(self, one: Trade, *, about_state: bool = False) -> Outcome:
        return state_trade(Statement(one, about_state), ADMIN, self.book, self.clock).outcome

    def alter(self, **changes: object) -> None:
        """Change the first trade where it is stored."""
        [history] = [words for words in self.book.words.values() if words[-1].trade.id == FIRST.id]
        history[-1] = history[-1]._replace(trade=history[-1].trade._replace(**changes))  # type: ignore[arg-type]  # by name


@pytest.fixture
def nights() -> OtherFormat:
    return OtherFormat()


def enriched_over_http(nights: OtherFormat) -> None:
    nights.other(TRADES)
    assert nights.state_over_http(FIRST) is Outcome.ENRICHED


def enriched_with_another_remark(nights: OtherFormat) -> None:
    nights.other([FIRST, *REST])
    assert nights.state_over_http(FIRST._replace(text="another")) is Outcome.ENRICHED


def enriched_by_its_next_version(nights: OtherFormat) -> None:
    nights.other(TRADES)
    nights.other([FIRST, *REST], clock="02:00")


def stale_since_it_was_posted(nights: OtherFormat) -> None:
    nights.at(NEXT, "00:30")
    nights.state_over_http(FIRST._replace(venue_revision=5, price=7))
    nights.other([FIRST, *REST])


def stale_beside_the_file_of_its_own_day(nights: OtherFormat) -> None:
    stale_since_it_was_posted(nights)
    of_next = [one._replace(id=f"next {one.id}", execution_time=f"{NEXT}T10:00:00Z") for one in REST]
    nights.other([FIRST._replace(venue_revision=None, price=8), *of_next], NEXT)


def stale_before_another_file_gave_the_same_number(nights: OtherFormat) -> None:
    stale_before_other_files(nights, number=2, price=9)


def stale_before_another_file_gave_its_terms(nights: OtherFormat) -> None:
    stale_before_other_files(nights, number=3, price=8)


def stale_before_other_files(nights: OtherFormat, number: int, price: int) -> None:
    """A row at 8 that the daily file outranked would lead by its number once another file gives number 2."""
    nights.feed = replace(nights.feed, venue=VENUE)
    first, *rest = [one._replace(venue=VENUE) for one in TRADES]
    nights.night(DAY, csv_of([first, *rest]))
    assert nights.other([first._replace(venue_revision=number, price=8), *rest], clock="02:00").corrected == 0
    for day, others_number, others_price in ((NEXT, 1, first.price), (NEXT + timedelta(days=1), 2, price)):
        others = [one._replace(id=f"{day} {one.id}", execution_time=f"{day}T10:00:00Z") for one in rest]
        nights.other([first._replace(venue_revision=others_number, price=others_price), *others], day)
    assert nights.book.words[first.id][-1].trade.price == price


def stale_in_its_next_version(nights: OtherFormat) -> None:
    nights.other([FIRST._replace(venue_revision=5, price=7), *REST])
    nights.other([FIRST, *REST], clock="02:00")


def corrected_over_http(nights: OtherFormat) -> None:
    nights.other([FIRST, *REST])
    assert nights.state_over_http(FIRST._replace(venue_revision=5, price=7)) is Outcome.CORRECTED


def recalled_over_http(nights: OtherFormat) -> None:
    nights.other([FIRST, *REST])
    recalled = FIRST._replace(venue_revision=5, state=State.RECALLED)
    assert nights.state_over_http(recalled, about_state=True) is Outcome.CORRECTED


def recalled_by_its_next_version(nights: OtherFormat) -> None:
    nights.other([FIRST, *REST])
    nights.other([FIRST._replace(state=State.RECALLED), *REST], clock="02:00")


def corrected_by_a_higher_number_after_the_daily_file_led(nights: OtherFormat) -> None:
    first, *rest = some(20, "2026-06-15T10:00:00Z", "a")
    nights.night(DAY, csv_of([first, *rest]))
    nights.other([first._replace(venue_revision=1), *rest], clock="02:00")
    nights.at(NEXT, "03:00")
    assert nights.arrive(DAY, csv_of([first._replace(price=50), *rest])).corrected == 1
    assert nights.other([first._replace(venue_revision=2), *rest], clock="04:00").corrected == 1


def recalled_before_a_file_counts_it(nights: OtherFormat) -> None:
    nights.at(NEXT, "00:30")
    nights.state_over_http(FIRST._replace(state=State.RECALLED), about_state=True)
    assert nights.other([FIRST._replace(price=7), *REST]).corrected == 0
    nights.other([FIRST._replace(price=7), *REST[1:]], clock="02:00")
    assert not nights.book.words["nordpool\x1fa-0"][-1].counts


def recalled_and_withdrawn_before_a_file_counts_it(nights: OtherFormat) -> None:
    nights.at(NEXT, "00:30")
    nights.state_over_http(FIRST._replace(state=State.RECALLED), about_state=True)
    withdraw_trade(WithdrawTrade("nordpool\x1fa-0", 1, "a typo", ADMIN), nights.desk())
    for _ in range(2):
        nights.other([FIRST._replace(venue_revision=None), *REST])
        assert [one.number for one in nights.book.words["nordpool\x1fa-0"]] == [1, 2]


def cancelled_at_another_price_where_another_file_leads(nights: OtherFormat) -> None:
    recalled = FIRST._replace(state=State.RECALLED)
    nights.at(NEXT, "00:30")
    nights.state_over_http(recalled, about_state=True)
    nights.other([FIRST._replace(price=5, venue_revision=1), *REST])
    cancelled = FIRST._replace(price=7, state=State.CANCELLED, venue_revision=None)
    nights.other([cancelled, *some(20, "2026-06-16T10:00:00Z", "b")], NEXT)
    assert nights.book.words["nordpool\x1fa-0"][-1].trade.price == FIRST.price


def posted_with_a_number_and_filled_by_another_file(nights: OtherFormat) -> None:
    first = FIRST._replace(area=None, venue_revision=None)
    nights.at(NEXT, "00:30")
    nights.state_over_http(first._replace(venue_revision=1))
    nights.other([first._replace(state=State.RECALL_REQUESTED), *REST])
    assert nights.state_over_http(first._replace(venue_revision=3), about_state=True) is Outcome.CORRECTED
    filled = first._replace(area="10YDE-EON------1")
    assert nights.other([filled, *some(20, "2026-06-16T10:00:00Z", "b")], NEXT).enriched == 1


def stale_before_a_side_of_its_direction_was_stated(nights: OtherFormat) -> None:
    first, *rest = some(20, "2026-06-15T10:00:00Z", "a")
    nights.night(DAY, csv_of([first, *rest]))
    sold = first._replace(direction=Direction.SELL, price=8)
    nights.night(NEXT, csv_of([sold, *some(20, "2026-06-16T10:00:00Z", "b")]))
    assert nights.state_over_http(sold._replace(kw=100)) is Outcome.BOOKED


def enriched_only_since_it_was_corrected(nights: OtherFormat) -> None:
    """A row of a file that did not lead could fill what its own file has corrected since."""
    first = FIRST._replace(area=None, text=None, venue_revision=None)
    nights.other([first, *REST])
    nights.other([FIRST._replace(price=7, venue_revision=None), *some(2, "2026-06-16T10:00:00Z", "b")], NEXT)
    nights.clock.time += timedelta(days=1)
    nights.again_other([first._replace(price=7), *REST])


@pytest.mark.parametrize(
    "history",
    [
        enriched_over_http,
        enriched_with_another_remark,
        enriched_by_its_next_version,
        stale_since_it_was_posted,
        stale_beside_the_file_of_its_own_day,
        stale_before_another_file_gave_the_same_number,
        stale_before_another_file_gave_its_terms,
        stale_in_its_next_version,
        corrected_over_http,
        recalled_over_http,
        recalled_by_its_next_version,
        corrected_by_a_higher_number_after_the_daily_file_led,
        recalled_before_a_file_counts_it,
        recalled_and_withdrawn_before_a_file_counts_it,
        cancelled_at_another_price_where_another_file_leads,
        posted_with_a_number_and_filled_by_another_file,
        stale_before_a_side_of_its_direction_was_stated,
        enriched_only_since_it_was_corrected,
    ],
)
def test_what_a_later_or_newer_statement_changed_is_no_deviation(
    nights: OtherFormat, history: Callable[[OtherFormat], None]
) -> None:
    history(nights)
    assert nights.deviations() == ()


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"price": 7}, "price"),
        ({"kw": 7000}, "kw"),
        ({"text": "altered"}, "text: expected a remark, found altered"),
        ({"text": None}, "text: expected a remark, found None"),
        ({"area": None}, "area: expected 10YDE-EON------1, found None"),
        ({"state": State.RECALLED}, "state: expected active, found recalled"),
        ({"venue_revision": None}, "venue_revision: expected 2, found None"),
    ],
)
def test_an_altered_trade_is_named_with_its_line(
    nights: OtherFormat, changes: dict[str, object], difference: str
) -> None:
    nights.other([FIRST, *REST])
    nights.alter(**changes)
    [found] = [one for one in nights.deviations() if one.startswith("file ")]
    assert found.startswith("file 2026-06-15 of feed nordpool version 1, line 2: trade 'a-0' has other terms")
    assert difference in found
    assert found.endswith("importing the file again puts it back: voltbook import nordpool/trades_20260615.csv")


def test_a_lost_trade_is_named_with_its_line(nights: OtherFormat) -> None:
    nights.other([FIRST, *REST])
    del nights.book.words[next(name for name, words in nights.book.words.items() if words[-1].trade.id == FIRST.id)]
    [found] = [one for one in nights.deviations() if one.startswith("file ")]
    assert "version 1, line 2: trade 'a-0' is not in the book" in found
    assert found.endswith("voltbook import nordpool/trades_20260615.csv")


@pytest.mark.parametrize("change", [{"text": "seen by the desk"}, {"venue_revision": 5, "price": 7}])
def test_a_trade_of_another_day_is_missing_whatever_users_added(nights: OtherFormat, change: dict[str, object]) -> None:
    """The file that brought it is not that of its own day, and is no longer its source."""
    eve = DAY - timedelta(days=1)
    nights.other([one._replace(id=f"eve {one.id}", execution_time=f"{eve}T10:00:00Z") for one in REST], eve)
    late = FIRST._replace(execution_time=f"{eve}T10:00:00Z")
    nights.other([*REST, late])
    nights.state_over_http(late._replace(**change))  # type: ignore[arg-type]  # by name
    receipt = nights.other(REST, clock="02:00")
    assert (receipt.withdrawn, receipt.kept) == (1, 0)
    accept(DAY, "anna", nights.desk().of(nights.feed))
    assert all(words[-1].withdrawn for words in nights.book.words.values() if words[-1].trade.id == late.id)
    assert nights.deviations() == ()


def test_a_posted_trade_that_a_file_of_another_day_confirmed_stays(nights: OtherFormat) -> None:
    eve = DAY - timedelta(days=1)
    nights.other([one._replace(id=f"eve {one.id}", execution_time=f"{eve}T10:00:00Z") for one in REST], eve)
    late = FIRST._replace(execution_time=f"{eve}T10:00:00Z")
    nights.state_over_http(late._replace(text=None))
    nights.state_over_http(late)
    nights.other([*REST, late])
    assert nights.other(REST, clock="02:00").withdrawn == 0


def test_all_turned_trades_are_noted_though_one_changed_meanwhile(
    nights: OtherFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.at(DAY, "12:00")
    posted = TRADES[:2]
    for one in posted:
        nights.state_over_http(one)
    note, first = nights.book.note, side_id("nordpool", posted[0].id)

    def meanwhile(changes: Sequence[tuple[Revision, Revision]]) -> object:
        monkeypatch.setattr(nights.book, "note", note)
        current = nights.book.words[first][-1]
        assert note([(current, current.note(FileDay(NEXT)))]) == {}
        return note(changes)

    monkeypatch.setattr(nights.book, "note", meanwhile)
    nights.other([one._replace(direction=_turned(one)) for one in posted])
    file = FileDay(DAY, "nordpool")
    assert [file in nights.book.words[side_id("nordpool", one.id)][-1].seen_in for one in posted] == [True, True]


def test_a_trade_posted_the_other_way_after_the_survey_is_missing(
    nights: OtherFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = nights.book.add

    def meanwhile(revisions: Sequence[Revision]) -> object:
        monkeypatch.setattr(nights.book, "add", add)
        nights.state_over_http(TRADES[0]._replace(direction=_turned(TRADES[0])))
        return add(revisions)

    monkeypatch.setattr(nights.book, "add", meanwhile)
    receipt = nights.other(TRADES)
    assert (receipt.booked, receipt.withdrawn) == (len(TRADES), 1)


def _turned(one: Trade) -> Direction:
    return Direction.SELL if one.direction is Direction.BUY else Direction.BUY


def test_a_trade_in_a_file_stays_though_its_feed_has_another_venue_now(nights: OtherFormat) -> None:
    nights.other(TRADES)
    nights.feed = replace(nights.feed, venue="epex")
    request = WithdrawTrade(side_id("nordpool", TRADES[0].id), 1, "a typo", ADMIN)
    with pytest.raises(InvalidRequest, match=r"line 2 of version 1 of nordpool/trades_20260615.csv contains trade"):
        withdraw_trade(request, nights.desk())


def test_a_feed_whose_mapping_is_gone_keeps_its_trades_and_stops_no_other(nights: OtherFormat) -> None:
    trades = some(20, "2026-06-15T10:00:00Z", "a")
    nights.night(DAY, csv_of(trades))
    by_mapping = replace(nights.other(trades, clock="02:00"), mapping="gone")
    nights.receipts.of(nights.feed).days[DAY].keep(by_mapping)
    receipt = nights.arrive(DAY, csv_of(trades[1:]))
    assert (receipt.state.value, receipt.withdrawn) == ("imported", 0)
    request = WithdrawTrade(trades[0].id, 1, "a typo", ADMIN)
    with pytest.raises(InvalidRequest, match="contains trade"):
        withdraw_trade(request, nights.desk())
    [deviation] = nights.deviations()
    assert "nordpool/trades_20260615.csv was imported and can no longer be read: format: must be" in deviation


def test_corrections_share_transactions_and_each_is_written_once(
    nights: OtherFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.other(TRADES)
    written: dict[str, list[str]] = {"correct": [], "correct_all": []}
    correct, correct_all = nights.book.correct, nights.book.correct_all

    def one_noted(old: Revision, *others: Any) -> Revision | None:
        written["correct"].append(old.trade.id)
        return correct(old, *others)

    def all_noted(changes: Sequence[tuple[Revision, Revision]], lease: Lease) -> Mapping[str, Revision]:
        written["correct_all"] += [old.trade.id for old, _ in changes]
        return correct_all(changes, lease)  # which corrects one after the other here

    monkeypatch.setattr(nights.book, "correct", one_noted)
    monkeypatch.setattr(nights.book, "correct_all", all_noted)
    receipt = nights.other([one._replace(price=one.price + 1) for one in TRADES], clock="02:00")
    assert receipt.corrected == len(TRADES)
    each = sorted(one.id for one in TRADES)
    assert {name: sorted(ids) for name, ids in written.items()} == {"correct": each, "correct_all": each}


def test_a_row_whose_side_is_booked_meanwhile_is_not_noted_on_another(
    nights: OtherFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, [buy, *_] = nights.book.add, TRADES
    sell = buy._replace(direction=Direction.SELL)

    def meanwhile(revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        monkeypatch.undo()
        for number, side in enumerate((buy, sell), 1):
            add([posted(side)._replace(side=number)])
        return add(revisions)

    monkeypatch.setattr(nights.book, "add", meanwhile)
    receipt = nights.other([sell])
    assert (receipt.booked, receipt.already_there) == (0, 1)
    sides = nights.book.sides(buy.venue, buy.id)
    assert [newest.seen_in for newest, *_ in sides] == [frozenset(), {FileDay(DAY, "nordpool")}]
