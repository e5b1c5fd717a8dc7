"""Positions as DynamoDB has them: each trader's own periods, and parts that add up."""

from __future__ import annotations

from datetime import date

import pytest
from pynamodb.exceptions import CancellationReason, TransactWriteError, VerboseClientError

from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended
from chalicelib.common.delivery import hour_period
from chalicelib.positions import dynamodb
from chalicelib.positions.dynamodb import Parts, every_position, move, stored
from chalicelib.positions.model import PARTS, Direction, Position, change_of
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import position_key
from tests.fixtures.trades import posted, trade

pytestmark = pytest.mark.usefixtures("moto_tables")
DAY = date(2026, 6, 15)


def test_a_traders_periods_are_not_those_of_a_longer_name() -> None:
    book = trades_bootstrap.book()
    trades = [trade(name, trader_id=name, delivery_day=str(DAY), delivery_hour=len(name)) for name in ("a", "a#b")]
    book.add(list(map(posted, trades)))
    seen = {name: book.periods(DAY, name) for name in ("a", "a#b", "b", None)}
    one, three = (hour_period(DAY, hour) for hour in (1, 3))
    assert seen == {"a": {one}, "a#b": {three}, "b": set(), None: {one, three}}


def test_every_part_of_a_position_counts() -> None:
    trades_bootstrap.book()
    key, change = position_key(trade(delivery_day=str(DAY))), change_of(50, 100, Direction.BUY, 60)
    connection().transact_write_items([], [], [], [move(key, change, part) for part in range(8)])
    whole = change_of(50, 800, Direction.BUY, 60)._replace(trades=8)
    assert (PARTS, stored(key).change, every_position()) == (8, whole, [Position(key, whole)])


@pytest.mark.parametrize("cause", [TransactWriteError("throttled"), None])
def test_a_write_refused_without_reasons_is_repeated_on_the_same_parts(cause: Exception | None) -> None:
    parts, changes = Parts(), {position_key(trade()): change_of(50, 100, Direction.BUY, 60)}
    moves = parts.moves(changes)
    with pytest.raises(Contended), parts.spread_on_conflict():
        raise Contended from cause
    assert parts.moves(changes) == moves


@pytest.mark.parametrize("conflicts", ["", "a", "b", "ab"])
def test_only_positions_in_conflict_move_to_other_parts(conflicts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The moves are the last actions of their transaction, here after one of a trade."""
    monkeypatch.setattr(dynamodb, "randrange", lambda parts: parts - 1)
    keys = {name: position_key(trade(trader_id=name)) for name in "ab"}
    parts, changes = Parts(), dict.fromkeys(keys.values(), change_of(50, 100, Direction.BUY, 60))
    parts.moves(changes)
    reasons = [CancellationReason("TransactionConflict") if name in conflicts else None for name in "-ab"]
    cause = VerboseClientError({"Error": {}}, "TransactWriteItems", cancellation_reasons=reasons)
    with pytest.raises(Contended), parts.spread_on_conflict():
        raise Contended from TransactWriteError("refused", cause)
    expected = [move(key, changes[key], 7 if name in conflicts else 0) for name, key in keys.items()]
    assert parts.moves(changes) == expected
