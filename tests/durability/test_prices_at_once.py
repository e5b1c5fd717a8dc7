"""Many runs on one price file at once, on the durable engine: the newest version stands, a bad one is told once."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime

import pytest

from chalicelib.common.errors import ImportUnderWay, Unavailable
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import REFERENCE_PRICES, price_file_name
from chalicelib.feeds.store import StoredFile
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.imports.context import ImportContext
from chalicelib.imports.dynamodb import PriceFileTable
from chalicelib.imports.feed_files import file_of
from chalicelib.imports.polling import poll
from chalicelib.imports.price_import import import_price_file, poll_prices
from chalicelib.notices import bootstrap as notices_bootstrap
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.trades import bootstrap as trades_bootstrap
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore
from tests.fakes.notices import FakeNotices
from tests.fixtures.conflicts import WITH_CONFLICTS

pytestmark = WITH_CONFLICTS
DAY = date(2023, 3, 5)
NAME = price_file_name(DAY)
NOTICES = FakeNotices()


class OneSecond(FakeFileStore):
    """A bucket all of whose versions were stored within one second, put and read by many."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        with super().fetch(key, version) as stored:
            at = datetime(2023, 3, 5, 11, tzinfo=UTC)
            yield StoredFile(key, stored.version, stored.sha256, stored.size, stored.content, at)

    def price(self, cents: object) -> None:
        with self.lock:
            self.put(NAME, io.BytesIO(f"delivery_day,delivery_hour,price\n{DAY},1,{cents}\n".encode()))


@pytest.fixture(autouse=True)
def short_waits(durable_tables: str, quick_retries: None) -> None:
    NOTICES.sent.clear()


def desk(store: OneSecond, owner: str) -> ImportContext:
    return ImportContext(
        store,
        feeds_bootstrap.receipts(),
        notices_bootstrap.outbox(),
        NOTICES,
        trades_bootstrap.book(),
        FakeClock(),
        owner,
    )


def run(store: OneSecond, owner: str) -> None:
    """As an event does: what others are at is left to them, and comes again."""
    with suppress(ImportUnderWay):
        import_price_file(file_of(REFERENCE_PRICES, DAY), desk(store, owner), imports_bootstrap.price_stores())


def look(store: OneSecond) -> None:
    poll_prices(desk(store, "look"), imports_bootstrap.price_stores())


def test_however_puts_and_runs_meet_the_newest_version_stands() -> None:
    store = OneSecond()

    def put_and_run(number: int) -> None:
        store.price(number)
        run(store, str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put_and_run, range(16, 0, -1)))
    look(store)
    newest = store.objects[NAME][-1].decode().split(",")[-1].strip()
    assert prices_bootstrap.prices().of([DAY]) == {DAY: {1: int(newest)}}


def test_a_bad_version_that_many_runs_read_at_once_is_told_once() -> None:
    store = OneSecond()
    store.price("5.0")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: run(store, str(number)), range(6)))
    look(store)
    assert [subject for subject, _ in NOTICES.sent] == [f"Voltbook: the prices in {NAME} cannot be used"]
    assert prices_bootstrap.prices().of([DAY]) == {}


@pytest.mark.parametrize("cents", [7, "5.0"])
def test_the_next_poll_completes_a_run_that_dies_before_or_after_its_end(
    cents: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, end = OneSecond(), PriceFileTable.end
    store.price(cents)
    for after in (False, True):

        def dying(files: PriceFileTable, *given: object, after: bool = after) -> bool:
            if after:
                end(files, *given)  # type: ignore[arg-type]  # whatever the service hands over
            raise Unavailable("killed")

        monkeypatch.setattr(PriceFileTable, "end", dying)
        with suppress(Unavailable):
            run(store, f"dies after {after}")
        monkeypatch.setattr(PriceFileTable, "end", end)
    look(store)
    poll(desk(store, "daily"))
    said = [subject for subject, _ in NOTICES.sent if NAME in subject]
    assert (prices_bootstrap.prices().of([DAY]), len(said)) == (({DAY: {1: 7}}, 0) if cents == 7 else ({}, 1))
