"""What the ledger promises: all is read as it is now, and a position is mended only if it is as it was read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin import dynamodb as admin_dynamodb
from chalicelib.audit.dynamodb import AuditItem
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.positions import dynamodb as positions_dynamodb
from chalicelib.positions.dynamodb import PositionItem
from chalicelib.positions.model import Change, PositionKey
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import position_key
from tests.fixtures.trades import FILE_DAY, posted, trade

SOLD = trade("sold", direction="sell", quantity=25)
KEY = position_key(SOLD)
RIGHT = Change(trades=9, buy_kw=8, sell_kw=7, buy_cash=6, sell_cash=5)


@pytest.fixture
def stored_position(engine: str) -> Change:
    """The position of a purchase and a sale, as it was read."""
    if engine == "fake":
        pytest.skip("there is no ledger in memory")
    trades_bootstrap.book().add([posted(trade("bought")), posted(SOLD)])
    return stored()


def stored() -> Change:
    [position] = admin_bootstrap.book_scan().positions()
    return position.change


@pytest.mark.parametrize("part", ["trades", "buy_kw", "sell_kw", "buy_cash", "sell_cash"])
def test_a_position_of_which_any_part_moved_since_is_left_alone(stored_position: Change, part: str) -> None:
    before = stored_position._replace(**{part: getattr(stored_position, part) - 1})
    assert not admin_bootstrap.book_scan().mend(KEY, before, RIGHT, "operator:ida")
    assert (stored(), list(AuditItem.scan())) == (stored_position, [])


def test_a_position_that_appeared_since_is_left_alone(stored_position: Change) -> None:
    assert not admin_bootstrap.book_scan().mend(KEY, None, RIGHT, "operator:ida")
    assert (stored(), list(AuditItem.scan())) == (stored_position, [])


def test_a_position_that_disappeared_since_is_left_alone(stored_position: Change) -> None:
    next(iter(PositionItem.scan())).delete()
    assert not admin_bootstrap.book_scan().mend(KEY, stored_position, RIGHT, "operator:ida")
    assert (list(admin_bootstrap.book_scan().positions()), list(AuditItem.scan())) == ([], [])


def test_a_position_that_moves_while_it_is_mended_is_left_alone(
    stored_position: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_before_a_trade(key: PositionKey) -> positions_dynamodb.Stored:
        position = positions_dynamodb.stored(key)
        trades_bootstrap.book().add([posted(trade("meanwhile"))])
        return position

    monkeypatch.setattr(admin_dynamodb, "stored", read_before_a_trade)
    assert not admin_bootstrap.book_scan().mend(KEY, stored_position, RIGHT, "operator:ida")
    assert (stored().trades, list(AuditItem.scan())) == (stored_position.trades + 1, [])


@pytest.mark.parametrize("lost", [False, True], ids=["wrong", "lost"])
def test_a_position_that_is_as_it_was_read_is_put_right_in_every_part(stored_position: Change, lost: bool) -> None:
    if lost:
        next(iter(PositionItem.scan())).delete()
    assert admin_bootstrap.book_scan().mend(KEY, None if lost else stored_position, RIGHT, "operator:ida")
    assert (stored(), [item.by for item in AuditItem.scan()]) == (RIGHT, ["operator:ida"])


def test_the_whole_book_is_walked_as_it_is_now(stored_position: Change) -> None:
    receipts, now = feeds_bootstrap.receipts(), datetime(2023, 2, 21, 1, tzinfo=UTC)
    for file_day in (FILE_DAY + timedelta(days=1), FILE_DAY):
        lease = receipts.acquire(file_day, "t", now, now)
        for version in (1, 2):
            state = FileState.IMPORTING if version == 1 else FileState.IMPORTED
            receipts.save(lease, Receipt(file_day, version, state, "k", "s", "o"), now)
    receipts.acquire(FILE_DAY + timedelta(days=2), "t", now, now)
    assert {words.name: words.found_by for words in admin_bootstrap.book_scan().trades()} == {
        "bought": True,
        "sold": True,
    }
    assert admin_bootstrap.book_scan().file_days() == [FileDay(FILE_DAY), FileDay(FILE_DAY + timedelta(days=1))]
