"""What the ledger promises of mending: a position is put right only if it is, in every part, as it was read."""

from __future__ import annotations

import pytest

from chalicelib import wiring
from chalicelib.adapters.models import AuditItem, PositionItem
from chalicelib.domain.position import Change, PositionKey
from tests.trades import posted, trade

SOLD = trade("sold", direction="sell", quantity=25)
KEY = PositionKey.of(SOLD)
RIGHT = Change(trades=9, buy_kw=8, sell_kw=7, buy_cash=6, sell_cash=5)


@pytest.fixture
def read(engine: str) -> Change:
    """The position of a purchase and a sale, as it was read."""
    if engine == "fake":
        pytest.skip("there is no ledger in memory")
    wiring.book().add([posted(trade("bought")), posted(SOLD)])
    return stored()


def stored() -> Change:
    [position] = wiring.ledger().positions()
    return position.change


@pytest.mark.parametrize("part", ["trades", "buy_kw", "sell_kw", "buy_cash", "sell_cash"])
def test_a_position_of_which_any_part_moved_since_is_left_alone(read: Change, part: str) -> None:
    before = read._replace(**{part: getattr(read, part) - 1})
    assert not wiring.ledger().mend(KEY, before, RIGHT, "operator:ida")
    assert (stored(), list(AuditItem.scan())) == (read, [])


def test_a_position_that_appeared_since_is_left_alone(read: Change) -> None:
    assert not wiring.ledger().mend(KEY, None, RIGHT, "operator:ida")
    assert (stored(), list(AuditItem.scan())) == (read, [])


def test_a_position_that_disappeared_since_is_left_alone(read: Change) -> None:
    next(iter(PositionItem.scan())).delete()
    assert not wiring.ledger().mend(KEY, read, RIGHT, "operator:ida")
    assert (list(wiring.ledger().positions()), list(AuditItem.scan())) == ([], [])


@pytest.mark.parametrize("lost", [False, True], ids=["wrong", "lost"])
def test_a_position_that_is_as_it_was_read_is_put_right_in_every_part(read: Change, lost: bool) -> None:
    if lost:
        next(iter(PositionItem.scan())).delete()
    assert wiring.ledger().mend(KEY, None if lost else read, RIGHT, "operator:ida")
    assert (stored(), [item.by for item in AuditItem.scan()]) == (RIGHT, ["operator:ida"])
