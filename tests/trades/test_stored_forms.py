"""Items of every form are read: of the v1 form, of all fields, of other venues, second sides, positions in parts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin.integrity_check import compare
from chalicelib.admin.repair import rebuild_positions
from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.aws.client import connection
from chalicelib.aws.items import item_of
from chalicelib.common.delivery import Period
from chalicelib.feeds.file_day import FileDay
from chalicelib.positions.dynamodb import PositionItem
from chalicelib.positions.model import Change, Direction, PositionKey, change_of
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.items import TradeItem, current_item
from chalicelib.trades.model import State, Trade
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.store import Book, Only
from tests.fixtures.trades import posted, trade

AREA = "10YDE-RWENET---I"
QUARTER = Period(datetime(2023, 2, 28, 12, 15, tzinfo=UTC), 15)
FULL = Trade(
    id="7",
    price=-1,
    kw=100,
    direction=Direction.BUY,
    period=QUARTER,
    trader_id="a#b",
    execution_time="2023-02-20T10:00:00Z",
    venue="nordpool",
    area=AREA,
    strategy="hedge",
    state=State.RECALL_REQUESTED,
    venue_revision=0,
    order_id="o",
    text="t",
    product="p",
)
FULL_ITEM: dict[str, Any] = {
    "trade_id": "nordpool\x1f7",
    "revision": "current",
    "number": 2,
    "price": -1,
    "kw": 100,
    "direction": "buy",
    "start": "2023-02-28T12:15Z",
    "minutes": 15,
    "trader_id": "a#b",
    "execution_time": "2023-02-20T10:00:00Z",
    "venue": "nordpool",
    "area": AREA,
    "strategy": "hedge",
    "state": "recall_requested",
    "venue_revision": 0,
    "order_id": "o",
    "text": "t",
    "product": "p",
    "said_at": "2023-02-21T00:54:00Z",
    "source_user": "anna",
    "trader_order": "2023-02-28#2023-02-28T12:15Z/15#nordpool\x1f7",
    "day_shard": "2023-02-28#2",
    "day_order": "2023-02-28T12:15Z/15#nordpool\x1f7",
}
V1_ITEM: dict[str, Any] = {
    "trade_id": "trade-1",
    "revision": "current",
    "number": 1,
    "price": 5000,
    "quantity": 10,
    "direction": "buy",
    "delivery_day": "2023-02-28",
    "delivery_hour": 13,
    "trader_id": "trader_1",
    "execution_time": "2023-02-20T10:00:00Z",
    "said_at": "2023-02-21T00:54:00Z",
    "source_user": "anna",
    "trader_order": "2023-02-28#2023-02-28T12:00Z/60#trade-1",
    "day_shard": "2023-02-28#3",
    "day_order": "2023-02-28T12:00Z/60#trade-1",
}
BOUGHT = posted(trade(), "anna")
SOLD = posted(trade(direction="sell", price=6000), "anna")._replace(side=2)
SOLD_ITEM = V1_ITEM | {
    "revision": "current#2",
    "direction": "sell",
    "price": 6000,
    "trader_order": "2023-02-28#2023-02-28T12:00Z/60#trade-1#\x1f2",
    "day_shard": "2023-02-28#3",
    "day_order": "2023-02-28T12:00Z/60#trade-1#\x1f2",
}


@pytest.fixture(params=["moto_tables", "durable_tables"])
def book(request: pytest.FixtureRequest) -> Book:
    request.getfixturevalue(request.param)
    audit_bootstrap.audit()
    return trades_bootstrap.book()


def put(*items: dict[str, Any], model: type[TradeItem | PositionItem] = TradeItem) -> None:
    client: Any = connection().client
    for item in items:
        client.put_item(TableName=model.Meta.table_name, Item=item_of(item))


def put_position(text: str, change: Change) -> None:
    put({"delivery_day": "2023-02-28", "trader_period": text, **change._asdict()}, model=PositionItem)


def test_a_trade_that_v1_states_is_stored_as_by_the_last_release() -> None:
    assert current_item(BOUGHT) == item_of(V1_ITEM)


def test_all_fields_of_a_trade_of_another_venue_are_read(book: Book) -> None:
    earlier = FULL_ITEM | {"revision": "v000001", "number": 1, "price": 5, "state": "active"}
    put(FULL_ITEM, {name: value for name, value in earlier.items() if "order" not in name and name != "day_shard"})
    current = Revision(FULL, 2, Posted("anna"), "2023-02-21T00:54:00Z")
    assert book.find("nordpool\x1f7") == current
    assert book.find("7") is None
    [history] = book.sides("nordpool", "7")
    assert [revision.trade.price for revision in history] == [-1, 5]


def test_both_sides_of_a_trade_are_read_each_with_its_revisions(book: Book) -> None:
    put(V1_ITEM, SOLD_ITEM)
    assert book.find("trade-1") == BOUGHT
    assert book.sides("epex", "trade-1") == [[BOUGHT], [SOLD]]
    assert book.history("trade-1") == [BOUGHT]
    assert book.history(SOLD.side_id) == [SOLD]
    assert book.find_many(["trade-1", SOLD.side_id]) == {"trade-1": BOUGHT, SOLD.side_id: SOLD}
    assert set(book.booked(["trade-1", SOLD.side_id, "x"])) == {"trade-1", SOLD.side_id}


def test_who_restored_a_trade_is_stored_beside_what_earlier_releases_read(book: Book) -> None:
    restored = BOUGHT.restored(3, "bert", BOUGHT.recorded_at)
    assert current_item(restored) == item_of(V1_ITEM | {"number": 3, "restored_by": "bert"})
    put(V1_ITEM | {"number": 3, "restored_by": "bert"}, V1_ITEM | {"revision": "v000001"})
    assert book.history("trade-1") == [restored, BOUGHT]
    noted = restored.note(FileDay(trade().own_day))
    assert book.note([(restored, noted)]) == {}
    assert book.find("trade-1") == noted


@pytest.mark.parametrize("trader_id", ["trader_1", None])
@pytest.mark.parametrize("by_day", [True, False])
def test_lists_page_through_both_sides(book: Book, trader_id: str | None, *, by_day: bool) -> None:
    put(V1_ITEM, SOLD_ITEM)
    day = trade().delivery_day if by_day else None
    first = book.trades(trader_id, day, 1, None)
    assert first.revisions == (BOUGHT,)
    assert book.trades(trader_id, day, 1, first.next_mark).revisions == (SOLD,)


@pytest.mark.parametrize(
    ("only", "found"),
    [
        (None, {"trade-1", "7"}),
        (Only(venue="epex"), {"trade-1"}),
        (Only(venue="nordpool"), {"7"}),
        (Only(area=AREA, strategy="hedge"), {"7"}),
        (Only(strategy="other"), set()),
        (Only(counted=False), {"trade-1", "7", "gone"}),
    ],
)
def test_a_list_can_be_of_one_venue_area_or_strategy(book: Book, only: Only | None, found: set[str]) -> None:
    gone = {"trade_id": "nordpool\x1fgone", "state": "cancelled", "day_order": "2023-02-28T12:15Z/15#nordpool\x1fgone"}
    put(V1_ITEM, FULL_ITEM, FULL_ITEM | gone)
    for day in (trade().delivery_day, None):
        assert {one.id for one in book.trades(None, day, 9, None, only).trades} == found


def test_a_position_in_parts_is_one_position(book: Book) -> None:
    change = change_of(100, 10_000, Direction.BUY, 60)
    for text in ("a~1#2023-02-28T12:00Z/60", "a~1#2023-02-28T12:00Z/60~3", "a~1#2023-02-28T12:00Z/60~7"):
        put_position(text, change)
    tagged = "a~1#2023-02-28T12:00Z/60@epex//hedge"
    for text in (tagged, f"{tagged}~1"):
        put_position(text, change)
    for trader_id in ("a~1", None):
        found = {position.key.strategy: position.change for position in book.positions(trade().delivery_day, trader_id)}
        assert found == {None: change + change + change, "hedge": change + change}


def test_a_sound_book_of_all_forms_verifies_and_a_part_can_be_repaired(book: Book) -> None:
    put(V1_ITEM, SOLD_ITEM, FULL_ITEM, FULL_ITEM | {"revision": "v000001", "number": 1})
    put_position("trader_1#2023-02-28T12:00Z/60", BOUGHT.change)
    put_position("trader_1#2023-02-28T12:00Z/60~2", SOLD.change)
    wrong = f"a#b#2023-02-28T12:15Z/15@nordpool/{AREA}/hedge~4"
    put_position(wrong, change_of(1, 1, Direction.SELL, 15))
    scan = admin_bootstrap.book_scan()
    sums, deviations, _ = compare(scan)
    assert [str(deviation.key.text) for deviation in deviations] == [wrong[:-2]]
    assert (sums.trades, sums.revisions, sums.deviations) == (3, 4, [])
    rebuild_positions(scan, "operator:ida")
    assert compare(scan)[1] == []
    key = PositionKey("a#b", trade().delivery_day, QUARTER, "nordpool", AREA, "hedge")
    assert {position.key: position.change for position in scan.positions()}[key] == Revision(
        FULL, 2, Posted("anna"), ""
    ).change


@pytest.mark.parametrize(
    ("items", "deviation"),
    [
        ([SOLD_ITEM], "trade 'trade-1', second side: there is no first side"),
        (
            [V1_ITEM, SOLD_ITEM | {"direction": "buy"}],
            "trade 'trade-1', second side: has the direction of the first side",
        ),
    ],
)
def test_a_second_side_must_have_a_first_of_the_other_direction(
    book: Book, items: list[dict[str, Any]], deviation: str
) -> None:
    put(*items)
    assert compare(admin_bootstrap.book_scan())[0].deviations == [deviation]
