"""The shards of a delivery day take even parts of a night's trades, so that none of them is hot."""

from __future__ import annotations

from collections import Counter

from chalicelib.feeds.file_day import FileDay
from chalicelib.trades.items import SHARDS, current_item, current_key, old_item, old_key, revision_of
from chalicelib.trades.model import parse_trade
from chalicelib.trades.revision import FromFile
from samples.generate import day_of_trades
from tests.fixtures.trades import FILE_DAY, from_file, trade

COUNT = 10_000


def test_each_shard_takes_its_part_of_a_night() -> None:
    rows = day_of_trades(FILE_DAY, seed=3, count=COUNT)
    items = [current_item(from_file(parse_trade(row._asdict()))) for row in rows]
    shards = Counter(item["day_shard"]["S"].rpartition("#")[2] for item in items)
    assert len(shards) == SHARDS
    assert max(shards.values()) < COUNT / SHARDS * 1.05


def test_the_files_of_other_feeds_are_stored_with_their_name() -> None:
    other = FileDay(FILE_DAY, "nordpool")
    row = from_file(trade())
    of_feed = row._replace(source=FromFile(FILE_DAY, 1, 2, "nordpool"), matched=other)
    of_feed = of_feed._replace(noted=frozenset({FileDay(FILE_DAY), other}))
    for revision, source, notes in (
        (row._replace(noted=frozenset({FileDay(FILE_DAY)})), "2023-02-20", "2023-02-20"),
        (of_feed, "nordpool@2023-02-20", "2023-02-20 nordpool@2023-02-20"),
    ):
        item = current_item(revision)
        assert (item["source_day"]["S"], item["noted_days"]["S"]) == (source, notes)
        assert revision_of(item) == revision


def test_a_key_is_that_of_the_item_of_its_side() -> None:
    for side in (1, 2):
        revision = from_file(trade())._replace(side=side, number=7)
        for item, key in (
            (current_item(revision), current_key(revision.side_id)),
            (old_item(revision), old_key(revision.side_id, 7)),
        ):
            assert {name: item[name]["S"] for name in key} == key
