"""The shards of a delivery day take even parts of a night's trades, so that none of them is hot."""

from __future__ import annotations

from collections import Counter

from chalicelib.trades.items import SHARDS, current_item
from chalicelib.trades.model import parse_trade
from samples.generate import day_of_trades
from tests.fixtures.trades import FILE_DAY, from_file

COUNT = 10_000


def test_each_shard_takes_its_part_of_a_night() -> None:
    rows = day_of_trades(FILE_DAY, seed=3, count=COUNT)
    items = [current_item(from_file(parse_trade(row._asdict()))) for row in rows]
    shards = Counter(item["day_shard"]["S"].rpartition("#")[2] for item in items)
    assert len(shards) == SHARDS
    assert max(shards.values()) < COUNT / SHARDS * 1.05
