"""Transactions that overlap are cancelled, as on AWS: on the durable engine behind a proxy, all is booked once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.service import import_daily_file
from chalicelib.positions.dynamodb import PositionItem
from chalicelib.positions.model import PARTS
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.revision import Revision
from infra.local.engines import Engine
from tests.durability.kills import Life
from tests.durability.places import Place
from tests.fixtures.conflicts import COUNTS, conflicting
from tests.fixtures.engines import dynamodb_client, forget_connections, use_engine
from tests.fixtures.many_clients import Where, assert_all_there_once, post_all, posts
from tests.fixtures.served_api import Served, served
from tests.fixtures.trades import posted, trade

HELD, OTHER = ({"trade_id": {"S": name}, "revision": {"S": "current"}} for name in ("held", "other"))
POSITION = {"delivery_day": {"S": "2024-05-08"}, "trader_period": {"S": "trader_1#13"}}
STAGE = "wire"
DAY = "2024-05-08"
POSTS = 200


@pytest.fixture(scope="module")
def proxy(durable_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with conflicting(durable_engine.url, 3_000, tmp_path_factory.mktemp("proxy") / "proxy.log") as proxy:
        yield proxy


@pytest.fixture
def client(proxy: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    use_engine(proxy.url, STAGE, monkeypatch)
    yield dynamodb_client(proxy.url)
    forget_connections()


def table(name: str) -> str:
    return f"voltbook-{STAGE}-{name}"


def put(key: dict[str, Any]) -> dict[str, Any]:
    return {"Put": {"TableName": table("trades"), "Item": key}}


ADD = {
    "Update": {
        "TableName": table("positions"),
        "Key": POSITION,
        "UpdateExpression": "ADD trades :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
}


def refusal(call: Any, **request: Any) -> Any:
    with pytest.raises(ClientError) as refused:
        call(**request)
    return refused.value.response


def test_what_overlaps_with_a_held_item_is_refused_as_on_aws(client: Any, proxy: Served) -> None:
    trades = table("trades")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.transact_write_items, TransactItems=[put(HELD), ADD])
        while not proxy.get(COUNTS)["holding"]:
            assert not first.done()

        cancelled = refusal(client.transact_write_items, TransactItems=[put(OTHER), ADD])
        assert cancelled["Error"] == {
            "Code": "TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons"
            " [None, TransactionConflict]",
        }
        assert cancelled["CancellationReasons"] == [
            {"Code": "None"},
            {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"},
        ]
        read = refusal(client.transact_get_items, TransactItems=[{"Get": {"TableName": trades, "Key": HELD}}])
        assert read["Error"]["Code"] == "TransactionCanceledException"
        update = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"N": "1"}}}
        singles = [
            refusal(client.put_item, TableName=trades, Item=HELD),
            refusal(client.delete_item, TableName=trades, Key=HELD),
            refusal(client.update_item, TableName=trades, Key=HELD, **update),
        ]
        assert {single["Error"]["Code"] for single in singles} == {"TransactionConflictException"}
        client.get_item(TableName=trades, Key=HELD, ConsistentRead=True)
        client.put_item(TableName=trades, Item=OTHER)
        assert not first.done(), "the item was held all the while"
        first.result()
    client.put_item(TableName=trades, Item=HELD)
    assert proxy.get(COUNTS) == {"holding": 0, "passed": 1, "cancelled": 2, "refused": 3}


@pytest.fixture
def api(conflicting_engine: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The API on an engine that reports conflicts."""
    use_engine(conflicting_engine.url, f"conflicts-{tmp_path.name}".replace("_", "-")[:40], monkeypatch)
    add_demo_user("admin", Role.ADMIN, None, access_bootstrap.directory(), access_bootstrap.passwords())
    with served(tmp_path / "api.log") as api:
        yield api
    forget_connections()


def conflicts_of(engine: Served) -> int:
    return int(engine.get(COUNTS).get("cancelled", 0))


def test_eight_clients_that_conflict_lose_and_double_nothing(api: Served, conflicting_engine: Served) -> None:
    refusals: list[requests.Response] = []
    before = conflicts_of(conflicting_engine)
    outcomes = post_all(iter(posts(DAY, POSTS)), Where(api.url), refused=refusals.append)
    assert outcomes == {"booked": POSTS, "already_there": POSTS // 10}
    assert_all_there_once(DAY, POSTS, api)
    assert conflicts_of(conflicting_engine) > before
    assert refusals == []


def test_an_import_beside_posts_on_its_positions_books_each_trade_once(api: Served, conflicting_engine: Served) -> None:
    place = Place(1)
    rows = [place.trade(number) for number in range(2 * POSTS)]
    place.put(rows[:POSTS])
    waiting = iter([row.as_fields() for row in rows[POSTS:]])
    before = conflicts_of(conflicting_engine)
    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(post_all, waiting, Where(api.url))
        receipt = import_daily_file(place.day, replace(place.desk(Life()), in_flight=4))
        assert posting.result() == {"booked": POSTS}
    assert (receipt.state, receipt.booked) == (FileState.IMPORTED, POSTS)
    place.assert_positions_are_the_sum_of_trades()
    assert len(trades_bootstrap.book().trades(None, place.day, 10_000, None).trades) == 2 * POSTS
    assert conflicts_of(conflicting_engine) > before


RATE = 100
SECONDS = 60
HOT_HOLD = 10
"""Milliseconds."""


@pytest.mark.slow
def test_of_a_hundred_bookings_a_second_on_one_position_none_fails(
    durable_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with conflicting(durable_engine.url, HOT_HOLD, tmp_path / "hot.log") as hot:
        use_engine(hot.url, "hot", monkeypatch)
        book, begun = trades_bootstrap.book(), time.monotonic()

        def post(number: int) -> Mapping[str, Revision]:
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))  # sent when due, whatever was answered
            return book.add([posted(trade(str(number)))])

        with ThreadPoolExecutor(RATE) as pool:
            assert not any(pool.map(post, range(RATE * SECONDS)))
        [position] = book.positions(trade().delivery_day, None)
        assert position.change.trades == RATE * SECONDS
        assert hot.get(COUNTS)["cancelled"] > 0
        stored = list(PositionItem.scan())
        assert 1 < len(stored) <= PARTS
    forget_connections()
