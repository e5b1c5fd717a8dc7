"""A whole book proved, mended, moved and restored, on the durable engine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin.dump import export_all, import_all
from chalicelib.admin.integrity_check import BookStores, Proof, verify
from chalicelib.admin.repair import rebuild_positions
from chalicelib.audit import bootstrap as audit_bootstrap
from chalicelib.audit.dynamodb import AuditItem
from chalicelib.audit.model import Act, Deed
from chalicelib.aws.items import CURRENT
from chalicelib.common.errors import InvalidRequest
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.leases import FileItem
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.service import import_daily_file
from chalicelib.positions.dynamodb import PositionItem
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.items import TradeItem, current_key
from chalicelib.trades.model import parse_trade
from chalicelib.trades.service import book_trade
from infra.local.engines import Engine
from tests.durability.kills import Life
from tests.durability.places import ROWS, Place
from tests.fixtures.engines import change_item, use_engine
from tests.fixtures.trades import fields, trade

ADA = Identity("ada", Role.ADMIN)


@pytest.fixture
def place(durable_tables: str) -> Place:
    """A day whose file came twice, with corrections, bad rows and rows that went, and one trade posted beside."""
    place = Place(1)
    deliver(place, [place.trade(row) for row in range(ROWS)], "bad")
    deliver(place, [place.trade(row, price=100 + (row % 5 == 0)) for row in range(2, ROWS + 1)])
    book_trade(trade("by hand"), ADA, trades_bootstrap.book(), place.clock)
    return place


def deliver(place: Place, trades: list[Any], *extra: str) -> object:
    place.put(trades, *extra)
    return import_daily_file(place.day, place.desk(Life()))


def proof_of(place: Place) -> Proof:
    return verify(
        admin_bootstrap.book_scan(), BookStores(feeds_bootstrap.receipts(), place.store, trades_bootstrap.book())
    )


def test_a_sound_book_has_no_deviation_and_is_counted(place: Place) -> None:
    proof = proof_of(place)
    assert proof.deviations == ()
    assert (proof.trades, proof.files) == (ROWS + 2, 2)
    assert proof.revisions > proof.trades


def test_a_book_with_names_that_would_be_refused_today_is_sound(
    durable_tables: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(1)
    with monkeypatch.context() as the_last_release:
        the_last_release.setattr("chalicelib.common.fields.name_problem", lambda _: None)
        odd = [
            parse_trade(fields(id=one, trader_id=one, execution_time=f"{place.day}T00:00:00Z"), stored=True)
            for one in (" a", "e\u0301", "b\ufe0f", "\u2800")
        ]
        deliver(place, [place.trade(0), *odd], "bad")
    proof = proof_of(place)
    assert (proof.deviations, proof.trades) == ((), 5)


def a_position() -> PositionItem:
    return next(iter(PositionItem.query(Place(1).day.isoformat())))


def break_position(_: Place) -> None:
    change_item(PositionItem, a_position().attribute_values, "ADD buy_kw :more", {":more": 1000})


def lose_position(_: Place) -> None:
    a_position().delete()


def invent_position(_: Place) -> None:
    item = a_position()
    key = {"delivery_day": item.delivery_day, "trader_period": item.trader_period.replace("trader_1", "nobody_1")}
    update = "ADD trades :one, buy_kw :one, sell_kw :one, buy_cash :one, sell_cash :one"
    change_item(PositionItem, key, update, {":one": 1})


def lose_trade(place: Place) -> None:
    for item in list(TradeItem.query(f"{place.number}-3")):
        item.delete()


def lose_word(place: Place) -> None:
    TradeItem(f"{place.number}-5", "v000001").delete()


def hide_trade(place: Place) -> None:
    change_item(TradeItem, current_key(f"{place.number}-3"), "REMOVE trader_order")


def change_trade(place: Place) -> None:
    other = {":time": "2011-01-01T00:00:00Z"}
    change_item(TradeItem, current_key(f"{place.number}-{ROWS}"), "SET execution_time = :time", other)


def miscount(place: Place) -> None:
    FileItem(place.day.isoformat(), "v000002").update([FileItem.booked.add(1)])


def lose_quarantine(place: Place) -> None:
    for item in list(FileItem.query(place.day.isoformat(), FileItem.version.startswith("v000001#quarantine"))):
        item.delete()


def change_file(place: Place) -> None:
    versions = place.store.objects[file_name(place.day)]
    versions[-1] += b"\n"


def lose_file(place: Place) -> None:
    place.store.objects.clear()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (break_position, ["position of 'trader_1'"]),
        (lose_position, ["holds nothing, its trades sum up to"]),
        (invent_position, ["position of 'nobody_1'"]),
        (
            lose_trade,
            [
                "position of 'trader_1'",
                "version 2, line 3: trade '1-3' is not in the book",
                "version 1, line 5: trade '1-3' is not in the book",
            ],
        ),
        (
            lose_word,
            [
                "trade '1-5': its revisions are numbered [2], expected 1 to 2",
                "version 1, line 7: trade '1-5' has no revision with the terms of this line: expected price 100",
            ],
        ),
        (hide_trade, ["trade '1-3': the lists by trader and by day do not show it"]),
        (
            change_trade,
            [f"line {ROWS}: trade '1-{ROWS}' has other terms than this line: execution_time: expected 2010-"],
        ),
        (miscount, ["version 2: 14 rows were read and 15 accounted for"]),
        (lose_quarantine, ["version 1: counts 1 quarantined rows and stores 0"]),
        (change_file, ["version 2: epex_trades_20100131.csv has the SHA-256"]),
        (lose_file, ["version 2: epex_trades_20100131.csv is not in the bucket"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_damage_is_named_and_nothing_else(place: Place, damage: Callable[[Place], None], told: list[str]) -> None:
    damage(place)
    deviations = proof_of(place).deviations
    assert len(deviations) == len(told)
    assert all(words in deviation for words, deviation in zip(told, deviations, strict=True))


def test_the_rows_of_a_provisional_file_are_in_the_book_too(place: Place) -> None:
    deliver(place, [place.trade(row) for row in range(ROWS + 1)], "bad")
    assert feeds_bootstrap.receipts().versions(place.day)[0].state is FileState.PROVISIONAL
    assert proof_of(place).deviations == ()
    lose_trade(place)
    change_trade(place)
    deviations = proof_of(place).deviations
    told = ["position of", "line 5: trade '1-3' is not in the book", f"line 17: trade '1-{ROWS}' has other terms than"]
    assert [words for words in told if not any(words in deviation for deviation in deviations)] == []


def test_positions_are_mended_from_the_trades_while_others_book(place: Place) -> None:
    for damage in (break_position, invent_position):
        damage(place)
    wanted = [trade(f"meanwhile-{n}", delivery_day=place.day.isoformat(), delivery_hour=4 + n % 3) for n in range(60)]
    with ThreadPoolExecutor(4) as traders:
        booked = traders.map(lambda one: book_trade(one, ADA, trades_bootstrap.book(), place.clock), wanted)
        first = rebuild_positions(admin_bootstrap.book_scan(), "operator:ida")
        assert len(list(booked)) == 60
    assert len(first.mended) == 2
    assert rebuild_positions(admin_bootstrap.book_scan(), "operator:ida").mended == ()
    assert proof_of(place).deviations == ()
    assert [item.by for item in AuditItem.scan() if item.act == "position mended"] == ["operator:ida"] * 2


def test_a_position_that_was_moved_since_it_was_compared_is_left_alone(place: Place) -> None:
    [wrong] = [one for one in trades_bootstrap.book().positions(place.day, None) if one.key.period.local_hour == 4]
    book_trade(
        trade("moves it", delivery_day=place.day.isoformat(), delivery_hour=4),
        ADA,
        trades_bootstrap.book(),
        place.clock,
    )
    assert not admin_bootstrap.book_scan().mend(wrong.key, wrong.change, wrong.change, "operator:ida")
    assert proof_of(place).deviations == ()


def other_stage(engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    use_engine(engine.url, name, monkeypatch)


def test_the_drill_from_the_export(
    place: Place, durable_engine: Engine, durable_tables: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before, folder = proof_of(place), tmp_path / "backup"
    moved = export_all(folder, admin_bootstrap.tables(), lambda *_: None)
    assert folder.stat().st_mode & 0o077 == 0
    other_stage(durable_engine, monkeypatch, f"{durable_tables}-restored")
    for _ in range(2):
        assert import_all(folder, admin_bootstrap.tables(), lambda *_: None, "operator:ida") == moved
    assert proof_of(place) == before
    export_all(tmp_path / "again", admin_bootstrap.tables(), lambda *_: None)
    digests = [json.loads((one / "manifest.json").read_text("utf-8")) for one in (folder, tmp_path / "again")]
    assert {name: held["items"] for name, held in digests[0]["tables"].items()} == moved.items
    today = datetime.now(UTC).date()
    told = [one.deed for one in audit_bootstrap.audit().entries(today - timedelta(days=1), today)]
    assert told == [Deed("operator:ida", Act.BOOK_IMPORTED, "backup")] * 2
    for table in moved.items.keys() - {"audit"}:
        lines = [sorted((one / f"{table}.jsonl").read_bytes().splitlines()) for one in (folder, tmp_path / "again")]
        assert lines[0] == lines[1]

    book_trade(trade("of the new book"), ADA, trades_bootstrap.book(), place.clock)
    with pytest.raises(InvalidRequest, match="not empty: its positions have"):
        import_all(folder, admin_bootstrap.tables(), lambda *_: None, "operator:ida")


def test_the_drill_from_the_originals_in_the_bucket(
    place: Place, durable_engine: Engine, durable_tables: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    TradeItem("by hand", CURRENT).delete()
    rebuild_positions(admin_bootstrap.book_scan(), "operator:ida")
    before = proof_of(place)
    other_stage(durable_engine, monkeypatch, f"{durable_tables}-anew")
    originals = place.store.objects[file_name(place.day)]
    restored = replace(place, store=type(place.store)())
    for original in originals:
        restored.store.put(file_name(place.day), io.BytesIO(original))
        import_daily_file(place.day, restored.desk(Life()))
    after = proof_of(restored)
    assert after.deviations == ()
    assert (after.digest, after.trades, after.files) == (before.digest, before.trades, before.files)
