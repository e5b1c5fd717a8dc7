"""Sent files at the edges of size, of waiting, and of what a receipt shows."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import cast

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import NotAllowed, NotFound, Problem, TooLarge
from chalicelib.feeds.feed import DAILY, Feed, FeedKind
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.imports import sent_file
from chalicelib.imports.price_import import PriceStores
from chalicelib.imports.sent_file import FileOfFeed, offer_upload, require_size, send_file, show_receipt
from tests.fakes.prices import FakePriceFiles, FakePrices
from tests.fixtures.import_nights import ADMIN, Nights

DAY = date(2026, 6, 15)
NO_PRICES = cast("PriceStores", None)


@pytest.fixture
def nights() -> Nights:
    nights = Nights()
    nights.at(DAY, "12:00")
    return nights


def file_of(nights: Nights) -> FileOfFeed:
    return FileOfFeed.to_send(DAILY, DAY, nights.desk(), NO_PRICES)


def file_of_prices(nights: Nights, feed: Feed, files: FakePriceFiles) -> FileOfFeed:
    return FileOfFeed.to_show(feed, DAY, nights.desk(), PriceStores(FakePrices(), files, (feed,), tuple))


def test_a_sent_file_has_four_mebibytes_and_sixty_four_unpacked() -> None:
    require_size(4 * 1024 * 1024, "POST /upload")
    with pytest.raises(
        TooLarge, match=r"^the file has 4194305 bytes, at most 4194304 are taken: .* or ask POST /upload"
    ):
        require_size(4 * 1024 * 1024 + 1, "POST /upload")
    assert sent_file.MAX_UNPACKED == 64 * 1024 * 1024


def test_an_address_takes_a_file_for_a_quarter_of_an_hour(nights: Nights) -> None:
    asked: list[tuple[str, timedelta]] = []

    def url_of(key: str, time: timedelta) -> str:
        asked.append((key, time))
        return "https://bucket/key"

    assert offer_upload(ADMIN, file_of(nights), url_of) == {
        "method": "PUT",
        "url": "https://bucket/key",
        "expires_at": "2026-06-15T10:15:00Z",
    }
    assert asked == [("epex_trades_20260615.csv", timedelta(minutes=15))]
    with pytest.raises(NotAllowed):
        offer_upload(Identity("tina", Role.TRADER, "tina"), file_of(nights), url_of)


def test_a_receipt_shows_the_first_hundred_quarantined_rows(nights: Nights) -> None:
    with pytest.raises(NotFound, match="nothing is known of a file of daily of 2026-06-15 yet"):
        show_receipt(ADMIN, file_of(nights))
    rows = [QuarantinedRow(line, (Problem("price", "is odd"),)) for line in range(2, 103)]
    receipt = Receipt(DAY, 1, FileState.PROVISIONAL, DAILY.key(DAY), "s", "o", rows=101, quarantined=101)
    now = nights.clock.now()
    lease = nights.receipts.acquire(DAY, "t", now, now)
    nights.receipts.store_quarantine(lease, 1, rows)
    nights.receipts.save(lease, receipt, now)

    shown = show_receipt(ADMIN, file_of(nights))
    assert (shown["feed"], shown["quarantined"]) == ("daily", 101)
    assert shown["quarantine"] == [row.as_json() for row in rows[:100]]
    assert show_receipt(ADMIN, file_of(nights), "s")["key"] == "epex_trades_20260615.csv"


def test_a_content_is_not_replaced_while_the_newest_file_is_imported_again(nights: Nights) -> None:
    nights.put(DAY, b"the file")
    now = nights.clock.now()
    for version, state in ((1, FileState.PROVISIONAL), (2, FileState.IMPORTING)):
        lease = nights.receipts.acquire(DAY, "t", now, now)
        nights.receipts.save(lease, Receipt(DAY, version, state, DAILY.key(DAY), "s", "1"), now)
    with pytest.raises(NotFound):
        show_receipt(ADMIN, file_of(nights), "another content")


def test_the_newest_receipt_is_that_of_any_file_of_prices_of_the_day(nights: Nights) -> None:
    feed = Feed("prices", KeyPattern("prices/{YYYYMMDD}_*.csv"), FeedKind.PRICES)
    files = FakePriceFiles()
    for hour in ("09", "11", "10"):
        key = f"prices/20260615_{hour}.csv"
        nights.store.put(key, io.BytesIO(b"prices"))
        files.end(files.begin(key), "1", {"key": key, "imported_at": f"2026-06-15T{hour}:00:00Z"})
    assert show_receipt(ADMIN, file_of_prices(nights, feed, files))["key"] == "prices/20260615_11.csv"


def test_nothing_is_known_of_prices_that_left_no_outcome(nights: Nights) -> None:
    feed, files = Feed("prices", KeyPattern("prices/{YYYYMMDD}.csv"), FeedKind.PRICES), FakePriceFiles()
    files.done["prices/20260615.csv"] = (1, "1")
    with pytest.raises(NotFound):
        show_receipt(ADMIN, file_of_prices(nights, feed, files), "a content")


def test_an_import_that_fails_is_raised_and_outlives_no_process(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlives: list[bool] = []

    def fails(*_: object) -> None:
        outlives.append(not threading.current_thread().daemon)
        raise OSError("the disk is full")

    monkeypatch.setattr(sent_file, "import_daily_file", fails)
    with pytest.raises(OSError, match="the disk is full"):
        send_file(ADMIN, file_of(nights), io.BytesIO(b"the file"), by_event=False)
    assert outlives == [False]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, of which a clock is made that no test waits for."""
    waits: list[float] = []
    monkeypatch.setattr("chalicelib.imports.sent_file.time.sleep", waits.append)
    monkeypatch.setattr("chalicelib.imports.sent_file.time.monotonic", lambda: sum(waits))
    return waits


def looks(nothing: int) -> Callable[[], sent_file.ImportReceipt | None]:
    left = iter([None] * nothing)
    return lambda: next(left, {"state": "imported"})


@pytest.mark.parametrize("seconds", [1.9, 2.0])
@pytest.mark.parametrize(("nothing", "pauses", "found"), [(0, 0, True), (3, 3, True), (4, 4, True), (9, 4, False)])
def test_a_receipt_is_looked_for_twice_a_second(
    nothing: int, pauses: int, found: bool, seconds: float, waits: list[float]
) -> None:
    assert (sent_file._awaited(looks(nothing), seconds) is not None, waits) == (found, [0.5] * pauses)
