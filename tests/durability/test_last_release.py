"""A book that the last release made is sound: exported by that release itself, with the versions of its files.

It booked names that look like others or end in a space, rows of 15 minutes as hours, spaces after the commas of a
header, and quarantined blank rows; the file of a later day led over that of the day of execution.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin.integrity_check import BookStores, Proof, verify
from chalicelib.admin.repair import rebuild_positions
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import file_name
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.items import TradeItem, current_key
from tests.fakes.feeds import FakeFileStore
from tests.fixtures.engines import change_item

FOLDER = Path(__file__).parent / "last_release"
TABLES = ("trades", "positions", "files", "notices")
DIGEST = "3d56e7cadc4a4891336f951f1871da9db1269dc97ffeefb345681b4f5b57c515"
"""As the last release computed it."""


@pytest.fixture
def store(durable_tables: str) -> FakeFileStore:
    """The bucket of a book of the last release, whose tables are there."""
    for table in TABLES:
        lines = (FOLDER / f"{table}.jsonl").read_text("utf-8").splitlines()
        assert admin_bootstrap.tables().put_new(table, [json.loads(line) for line in lines]) == []
    store = FakeFileStore()
    for path in sorted(FOLDER.glob("epex_trades_*")):
        store.put(path.stem, io.BytesIO(path.read_bytes()))
    return store


def proof_of(store: FakeFileStore) -> Proof:
    return verify(admin_bootstrap.book_scan(), BookStores(feeds_bootstrap.receipts(), store, trades_bootstrap.book()))


def test_a_book_of_the_last_release_is_sound(store: FakeFileStore) -> None:
    proof = proof_of(store)
    assert (proof.deviations, proof.digest) == ((), DIGEST)
    assert (proof.trades, proof.revisions, proof.files) == (25, 29, 9)
    assert {
        receipt.rules
        for file in admin_bootstrap.book_scan().file_days()
        for receipt in feeds_bootstrap.receipts().versions(file.day)
    } == {1}
    assert rebuild_positions(admin_bootstrap.book_scan(), "operator:ida").mended == ()


@pytest.mark.parametrize("trade_id", [" lead", "\u3164", "e\u0301", "spaced trader", "quarter", "trader blank"])
def test_each_of_its_rows_is_compared(store: FakeFileStore, trade_id: str) -> None:
    change_item(TradeItem, current_key(trade_id), "ADD price :one", {":one": 1})
    named = [one for one in proof_of(store).deviations if f"trade {trade_id!r}" in one]
    assert named
    assert all(one.startswith("file 2023-02-2") for one in named)


def test_the_names_of_its_objects_are_those_of_daily_files(store: FakeFileStore) -> None:
    files = admin_bootstrap.book_scan().file_days()
    assert set(store.objects) == {file_name(file.day) for file in files}
