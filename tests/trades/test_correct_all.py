"""Correcting many sides in one transaction, on every book."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds.store import Lease, Receipts
from chalicelib.trades.dynamodb import BookTables
from chalicelib.trades.lanes import Correction, corrections_of
from chalicelib.trades.model import position_key
from chalicelib.trades.revision import Revision
from chalicelib.trades.store import Book
from tests.fakes.feeds import FakeReceipts
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import FILE_DAY, from_file, positions_of, posted, trade

NOW = datetime(2023, 2, 21, 1, tzinfo=UTC)


def lease_of(book: Book, receipts: Receipts) -> Lease:
    if isinstance(book, FakeBook):
        assert isinstance(receipts, FakeReceipts)
        book.sees(receipts)
    return receipts.acquire(FILE_DAY, "test", NOW, NOW + timedelta(minutes=2))


def enrichment(old: Revision) -> Correction:
    trade = old.trade._replace(area="10YDE-VE-------2")
    return old, old.enriched(trade, from_file(old.trade).source, "2023-02-21T01:00:00Z")


def enrichments(count: int) -> list[Correction]:
    trades = [trade(str(number), delivery_hour=number % 3, trader_id=f"t{number % 2}") for number in range(count)]
    return [enrichment(posted(one)) for one in trades]


def test_many_sides_are_corrected_at_once(book: Book, receipts: Receipts) -> None:
    changes = enrichments(40)
    lease = lease_of(book, receipts)
    book.add([old for old, _ in changes])
    chunks = list(corrections_of(changes))
    assert len(chunks) == 1
    assert book.correct_all(chunks[0], lease) == {}
    assert all(book.history(old.side_id) == [new, old] for old, new in changes)
    day = trade().delivery_day
    held = {position for position in book.positions(day, None) if position.change.trades}
    assert held == set(positions_of(new.trade for _, new in changes))
    assert lease.marked == {day}
    assert receipts.states([], [day]).marks[day].changed_at == changes[0][1].recorded_at
    again = [enrichment(new.next(old.trade, new.source, new.recorded_at)) for old, new in changes[:2]]
    assert book.correct_all(again, lease).keys() == {"0", "1"}


def test_all_sides_are_corrected_or_none(book: Book, receipts: Receipts) -> None:
    changes = enrichments(3)
    lease = lease_of(book, receipts)
    book.add([old for old, _ in changes])
    old, new = changes[1]
    assert book.correct(old, new, lease) is None
    assert book.correct_all(changes, lease) == {"1": new}
    assert [len(book.history(name)) for name in "012"] == [1, 2, 1]


@pytest.mark.parametrize("marked", [False, True])
def test_a_run_that_lost_its_lease_corrects_nothing(book: Book, receipts: Receipts, *, marked: bool) -> None:
    one, *changes = enrichments(3)
    lost = lease_of(book, receipts)
    if marked:  # the delivery day, by an earlier correction
        book.add([one[0]])
        assert book.correct_all([one], lost) == {}
    later = NOW + timedelta(minutes=3)
    receipts.acquire(FILE_DAY, "other", later, later + timedelta(minutes=2))
    book.add([old for old, _ in changes])
    with pytest.raises(ImportUnderWay):
        book.correct_all(changes, lost)
    assert [len(book.history(name)) for name in "12"] == [1, 1]


def test_corrections_are_noted_as_changes_once_they_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    changes, noted = enrichments(1), []
    lease = lease_of(FakeBook(), FakeReceipts())
    tables = BookTables(lambda: noted.append(1))
    for in_the_way, expected in (({"0": changes[0][0]}, []), ({}, [1])):
        monkeypatch.setattr(tables, "_correct_all", lambda *_, found=in_the_way: found)
        assert tables.correct_all(changes, lease) == in_the_way
        assert noted == expected


def test_a_correction_is_noted_as_a_change_once_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    [(old, new)], noted = enrichments(1), []
    tables = BookTables(lambda: noted.append(1))
    for in_the_way, expected in ((old, []), (None, [1])):
        monkeypatch.setattr(tables, "_correct", lambda *_, found=in_the_way: found)
        assert tables.correct(old, new) is in_the_way
        assert noted == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=120), st.integers(12, 100))
def test_corrections_fit_into_transactions(wanted: list[tuple[int, bool]], most: int) -> None:
    olds = [posted(trade(str(name), delivery_hour=hour)) for name, (hour, _) in enumerate(wanted)]
    changes = [
        enrichment(old) if moved else (old, old._replace(number=2))
        for old, (_, moved) in zip(olds, wanted, strict=True)
    ]
    chunks = list(corrections_of(changes, most))
    assert sorted((old.side_id for chunk in chunks for old, _ in chunk)) == sorted(old.side_id for old in olds)
    for chunk in chunks:
        revisions = [revision.trade for change in chunk for revision in change]
        days = {one.delivery_day for one in revisions}
        assert 0 < len(revisions) + len({position_key(one) for one in revisions}) + len(days) + 3 <= most
