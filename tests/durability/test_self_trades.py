"""Self-trades in daily files, on the durable engine through the real import."""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, date, datetime

from chalicelib.admin import bootstrap as admin_bootstrap
from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.common.units import eur
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.acceptance import accept
from chalicelib.imports.service import import_daily_file
from chalicelib.trades import bootstrap as trades_bootstrap
from tests.durability.kills import Life
from tests.durability.places import Place
from tests.fixtures.import_sandbox import counts

DAY = date(2024, 1, 31)
HEADER = "id,price,quantity,direction,delivery_day,delivery_hour,trader_id,execution_time"
BUY = "P-1,5000,10,buy,2024-01-31,8,bot_a,2024-01-31T05:00:00Z"
SELL = "P-1,5000,10,sell,2024-01-31,8,bot_b,2024-01-31T05:00:00Z"


def test_a_self_trade_is_booked_lost_accepted_and_restored_by_its_sides(durable_tables: str) -> None:
    place = Place(0)
    place.clock.time = datetime(2024, 2, 1, 1, tzinfo=UTC)
    receipts, book = feeds_bootstrap.receipts(), trades_bootstrap.book()

    def cash() -> dict[str, str]:
        sums: Counter[str] = Counter()
        for position in book.positions(DAY, None):
            for name in (position.key.trader_id, "desk"):
                sums[name] += position.change.sell_cash - position.change.buy_cash
        return {name: eur(cents) for name, cents in sums.items()}

    def imported(*rows: str) -> tuple[FileState, tuple[int, int, int, int], int]:
        place.store.put(file_name(DAY), io.BytesIO("\n".join([HEADER, *rows, ""]).encode()))
        receipt = import_daily_file(DAY, place.desk(Life()))
        return receipt.state, counts(receipt), receipt.withdrawn

    assert imported(BUY, SELL) == (FileState.IMPORTED, (2, 0, 0, 0), 0)
    assert cash() == {"bot_a": "-500.00", "bot_b": "500.00", "desk": "0.00"}
    assert counts(import_daily_file(DAY, place.desk(Life()))) == (0, 2, 0, 0)
    place.store.put(file_name(DAY), io.BytesIO(f"{HEADER}\n{SELL}\n".encode()))
    assert import_daily_file(DAY, place.desk(Life())).state is FileState.HELD
    accept(DAY, "anna", place.desk(Life()))
    assert cash() == {"bot_a": "0.00", "bot_b": "500.00", "desk": "500.00"}
    assert imported(SELL, BUY) == (FileState.IMPORTED, (0, 1, 1, 0), 0)
    assert cash() == {"bot_a": "-500.00", "bot_b": "500.00", "desk": "0.00"}
    assert len(book.sides("epex", "P-1")) == 2
    stores = BookStores(receipts, place.store, book)
    assert verify(admin_bootstrap.book_scan(), stores).deviations == ()
