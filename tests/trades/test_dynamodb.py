"""What every book promises: all or nothing, positions in step, and lists that page through everything once."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.audit.model import Act, Deed, Entry
from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.store import Receipts
from chalicelib.positions.model import Position
from chalicelib.trades.model import State, Trade, parse_trade
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.store import Book
from tests.fakes.feeds import FakeReceipts
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import FILE_DAY, fields, from_file, positions_of, posted, trade

DAY = trade().delivery_day


def positions(book: Book, trader_id: str | None = None) -> set[Position]:
    return {position for position in book.positions(DAY, trader_id) if position.change.trades}


def test_new_trades_are_written_with_their_positions(book: Book) -> None:
    trades = [trade(str(number), delivery_hour=number % 3) for number in range(20)]
    assert book.add([posted(one) for one in trades]) == {}
    assert positions(book) == set(positions_of(trades))
    assert [book.find(one.id) for one in trades] == [posted(one) for one in trades]


def test_nothing_is_written_over_a_booked_trade_and_it_is_named(book: Book) -> None:
    book.add([posted(trade("b"))])
    assert book.add([posted(trade(name)) for name in "abc"]) == {"b": posted(trade("b"))}
    assert book.find("a") is None
    assert positions(book) == set(positions_of([trade("b")]))


def test_all_that_stand_are_named_at_once(book: Book) -> None:
    book.add([posted(trade("a")), posted(trade("b", price=7))])
    assert book.add([posted(trade(name)) for name in "abc"]) == {
        "a": posted(trade("a")),
        "b": posted(trade("b", price=7)),
    }


def test_earlier_revisions_of_many_sides_are_read_together(book: Book) -> None:
    first, other = from_file(trade("a")), from_file(trade("b"))
    book.add([first, other, from_file(trade("c"))])
    second = first.next(trade("a", price=1), Posted("anna"), "2023-02-21T01:00:00Z")
    third = second.next(trade("a", price=2), Posted("anna"), "2023-02-21T02:00:00Z")
    corrected = other.next(trade("b", price=1), Posted("anna"), "2023-02-21T01:00:00Z")
    for old, new in ((first, second), (second, third), (other, corrected)):
        assert book.correct(old, new) is None
    current = book.find_many("abc").values()
    assert sorted((one.side_id, one.number) for one in book.earlier(current)) == [("a", 1), ("a", 2), ("b", 1)]


def test_a_full_transaction_fits(book: Book) -> None:
    trades = [trade(f"{number:0128}", price=10**15 - 1, quantity=10**15 - 1) for number in range(99)]
    assert book.add([from_file(one) for one in trades]) == {}
    assert positions(book) == set(positions_of(trades))


def test_a_correction_keeps_the_old_revision_and_moves_both_positions(book: Book) -> None:
    old = posted(trade())
    new = old.next(trade(delivery_hour=20, trader_id="other"), from_file(trade()).source, "2023-02-21T01:00:00Z")
    book.add([old, posted(trade("stays"))])
    assert book.correct(old, new) is None
    assert book.find("trade-1") == new
    assert list(book.history("trade-1")) == [new, old]
    assert positions(book) == set(positions_of([trade("stays"), new.trade]))
    assert [one.id for one in book.trades("trader_1", None, 9, None).trades] == ["stays"]


def test_a_correction_within_one_position_moves_it_once(book: Book) -> None:
    old = posted(trade())
    book.add([old])
    assert book.correct(old, old.next(trade(price=6000, direction="sell"), old.source, old.recorded_at)) is None
    assert positions(book) == set(positions_of([trade(price=6000, direction="sell")]))


def test_a_correction_of_an_old_revision_is_refused_with_the_current_one(book: Book) -> None:
    old = posted(trade())
    new = old.next(trade(price=1), old.source, old.recorded_at)
    book.add([old])
    book.correct(old, new)
    assert book.correct(old, old.next(trade(price=2), old.source, old.recorded_at)) == new
    assert book.correct(old, new) == new
    assert positions(book) == set(positions_of([trade(price=1)]))
    assert list(book.history("trade-1")) == [new, old]


def test_a_withdrawn_trade_counts_for_nothing_and_stays_readable(book: Book) -> None:
    old = posted(trade())
    gone = old.withdrawal(posted(trade(), "anna").source, "2023-02-21T01:00:00Z")
    book.add([old, posted(trade("stays"))])
    assert book.correct(old, gone) is None
    assert book.find("trade-1") == gone
    assert positions(book) == set(positions_of([trade("stays")]))
    for trader_id, day in itertools.product((None, "trader_1"), (None, DAY)):
        assert [one.id for one in book.trades(trader_id, day, 9, None).trades] == ["stays"]

    back = gone.next(trade(price=7), from_file(trade()).source, "2023-02-22T01:00:00Z")
    assert book.correct(gone, back) is None
    assert positions(book) == set(positions_of([trade("stays"), back.trade]))
    assert list(book.history("trade-1")) == [back, gone, old]


AFTER = FILE_DAY + timedelta(days=1)


def noted(word: Revision, file_day: date = FILE_DAY) -> tuple[Revision, Revision]:
    return word, word.note(FileDay(file_day), word.trade)


def test_notes_are_set_on_all_revisions_or_on_none(book: Book) -> None:
    words = [posted(trade(name)) for name in "abc"]
    book.add(words)
    changes = [noted(word) for word in words]
    assert book.note(changes) == {}
    matched = {word.trade.id: note for word, note in changes}
    assert book.find_many("abc") == matched
    assert positions(book) == set(positions_of([word.trade for word in words]))
    assert book.note(changes) == matched, "who did not see the notes sets none"

    later = matched["a"].next(trade("a", price=1), from_file(trade()).source, "2023-02-21T01:00:00Z")
    book.correct(matched["a"], later)
    again = [noted(word, AFTER) for word in matched.values()]
    assert book.note(again) == {"a": later}
    assert book.find_many("bc") == {name: matched[name] for name in "bc"}
    assert list(book.history("a")) == [later, matched["a"]]


def test_every_kind_of_note_is_kept_and_read_back(book: Book) -> None:
    word = from_file(trade(), file_day=AFTER)
    book.add([word])
    fine = trade(execution_time="2023-02-20T10:00:00.4Z")
    first = word.note(FileDay(FILE_DAY + timedelta(days=2)), trade())
    second = first.note(FileDay(FILE_DAY), fine)
    assert book.note([(word, first)]) == {}
    assert book.note([(first, second)]) == {}
    assert book.find("trade-1") == second
    assert (second.matched, second.trade, second.coarse_time) == (FileDay(FILE_DAY), fine, "2023-02-20T10:00:00Z")
    gone = second.withdrawal(Posted("anna"), "2023-02-22T00:00:00Z")
    assert book.correct(second, gone) is None
    assert list(book.history("trade-1")) == [gone, second]
    assert gone.file_days == {FileDay(day) for day in (FILE_DAY, AFTER, FILE_DAY + timedelta(days=2))}


def test_a_correction_that_did_not_see_a_note_is_refused(book: Book) -> None:
    old = posted(trade())
    new = old.next(trade(price=1), from_file(trade()).source, old.recorded_at)
    book.add([old])
    _, seen = noted(old)
    book.note([(old, seen)])
    assert book.correct(old, new) == seen
    _, again = noted(seen, AFTER)
    book.note([(seen, again)])
    assert book.correct(seen, new) == again
    assert book.correct(again, new) is None
    assert book.find("trade-1") == new


def test_a_full_transaction_of_notes_fits(book: Book) -> None:
    words = [posted(trade(str(number))) for number in range(100)]
    book.add(words[:50])
    book.add(words[50:])
    assert book.note([noted(word) for word in words]) == {}


def test_a_correction_by_a_run_that_lost_its_lease_writes_nothing(book: Book, receipts: Receipts) -> None:
    now = datetime(2023, 2, 21, tzinfo=UTC)
    zombie = receipts.acquire(FILE_DAY, "zombie", now, now)
    awake = receipts.acquire(FILE_DAY, "awake", now, now)
    if isinstance(book, FakeBook) and isinstance(receipts, FakeReceipts):
        book.sees(receipts)
    old = posted(trade())
    new = old.next(trade(price=7), from_file(trade()).source, "2023-02-21T01:00:00Z")
    book.add([old])
    with pytest.raises(ImportUnderWay):
        book.correct(old, new, zombie)
    assert book.find("trade-1") == old
    assert book.correct(old, new, awake) is None
    assert book.correct(old, old.next(trade(price=8), new.source, new.recorded_at), awake) == new


def test_what_is_not_there_is_not_found(book: Book) -> None:
    assert book.find("nothing") is None
    assert book.history("nothing") == []
    assert book.positions(DAY, None) == []
    assert book.trades("nobody", None, 5, None).trades == ()
    assert book.find_many([]) == {}
    assert set(book.booked(["nothing"])) == set()


def test_many_are_found_at_once_and_only_those_that_are_there(book: Book) -> None:
    book.add([posted(trade(str(number))) for number in range(90)])
    asked = [str(number) for number in range(100)]
    assert set(book.find_many(asked)) == set(asked[:90]) == set(book.booked(asked))


def test_a_trade_that_is_asked_for_twice_is_found_once(book: Book) -> None:
    book.add([posted(trade("a"))])
    assert book.find_many(["a", "b", "a"]) == {"a": posted(trade("a"))}
    assert list(book.booked(["a", "b", "a"])) == ["a"]


def test_a_withdrawn_trade_is_still_had(book: Book) -> None:
    old = posted(trade())
    book.add([old])
    assert book.correct(old, old.withdrawal(old.source, old.recorded_at)) is None
    assert set(book.booked(["trade-1", "other"])) == {"trade-1"}


@pytest.mark.parametrize("awkward", ["a#b", "a", "日本#", "😀", " ", "x" * 128, "007", "=1+1"])
def test_awkward_ids_keep_apart(book: Book, awkward: str) -> None:
    others = [trade(f"other {name}", trader_id=name) for name in ("a#b#c", "a#", "A", "b")]
    mine = parse_trade(fields(id=awkward, trader_id=awkward), stored=True)
    book.add([posted(one) for one in [mine, *others]])
    assert positions(book, awkward) == set(positions_of([mine]))
    assert book.trades(awkward, None, 9, None).trades == (mine,)
    found = book.find(awkward)
    assert found is not None
    assert found.trade == mine


def test_pages_hold_everything_that_matches_exactly_once(book: Book) -> None:
    trades = [
        trade(
            f"{number}ü",
            delivery_hour=(number * 7) % 24,
            trader_id=f"trader_{number % 2}",
            delivery_day=["2023-02-28", "2023-03-01"][number % 3 == 0],
        )
        for number in range(40)
    ]
    book.add([posted(one) for one in trades])
    for trader_id, day in itertools.product((None, "trader_1"), (None, DAY)):
        expected = [one for one in trades if trader_id in {None, one.trader_id} and day in {None, one.delivery_day}]
        for limit in (3, len(expected), len(expected) + 1):
            paged = _all_pages(book, trader_id, day, limit)
            assert sorted(one.id for one in paged) == sorted(one.id for one in expected)
            if (trader_id, day) != (None, None):
                assert paged == sorted(expected, key=lambda one: (one.delivery_day, one.period.key, one.id.encode()))


def _all_pages(book: Book, trader_id: str | None, day: date | None, limit: int) -> list[Trade]:
    found: list[Trade] = []
    mark: str | None = None
    while True:
        page = book.trades(trader_id, day, limit, mark)
        assert len(page.trades) <= limit
        assert page.trades or mark is None, "a page that is linked to is not empty"
        found += page.trades
        mark = page.next_mark
        if mark is None:
            return found


@pytest.mark.parametrize("mark", ["zzz", "2000", "2023-02-28$", "2023-03-01#", "~"])
def test_a_mark_that_no_slice_gave_leads_to_no_other_day(book: Book, mark: str) -> None:
    days = ["2023-02-27", "2023-02-28", "2023-03-01"]
    book.add([posted(trade(day, delivery_day=day)) for day in days])
    found = book.trades("trader_1", DAY, 9, mark).trades
    assert {one.delivery_day for one in found} <= {DAY}


def test_a_withdrawal_by_hand_keeps_its_reason(book: Book) -> None:
    audit_bootstrap.audit()  # connects its table, as the bootstrap of an import does
    old = posted(trade())
    new = old.withdrawal(Posted("anna", "booked twice"), "2023-02-21T01:00:00Z")
    entry = Entry(Deed("anna", Act.TRADE_WITHDRAWN, "trade-1"), datetime(2023, 2, 21, 1, tzinfo=UTC), {}, {})
    book.add([old])
    assert book.correct(old, new, entry=entry) is None
    assert list(book.history("trade-1")) == [new, old]
    assert positions(book) == set()


def test_posted_trades_that_no_file_holds_are_listed_in_delivery_order(book: Book) -> None:
    late, early = posted(trade("a", delivery_hour=9)), posted(trade("b", delivery_hour=3))
    matched, noted = posted(trade("c")), posted(trade("d"))
    recalled, tenths = posted(trade("f")._replace(state=State.RECALLED)), posted(trade("g")._replace(kw=100))
    book.add([late, early, matched, noted, recalled, tenths, from_file(trade("e"))])
    book.note([(matched, matched.note(FileDay(FILE_DAY), matched.trade)), (noted, noted.note(FileDay(FILE_DAY)))])
    assert book.in_no_file(DAY, None) == [early, late]
    assert book.in_no_file(DAY, "trader_1") == [early, late]
    assert book.in_no_file(DAY, "another") == []
    assert book.in_no_file(DAY + timedelta(days=1), None) == []
