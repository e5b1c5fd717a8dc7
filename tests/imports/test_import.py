"""Importing a daily file: each row once, each row accounted for, whatever was there before."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import BinaryIO

import pytest

from chalicelib.common.errors import ImportUnderWay, NotFound, Unavailable
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.store import ListedFile, StoredFile
from chalicelib.imports.context import LEASE
from chalicelib.imports.service import already_imported, import_daily_file
from chalicelib.imports.validation import Limits
from chalicelib.trades.model import FIELDS
from chalicelib.trades.revision import FromFile, Revision
from tests.fakes.feeds import FakeFileStore
from tests.fakes.trades import FakeBook
from tests.fixtures.daily_files import KEY, csv_of, day_of
from tests.fixtures.import_sandbox import DyingBook, ImportSandbox, counts
from tests.fixtures.trades import FILE_DAY, posted, trade


@dataclass
class ReadOnce:
    """A store whose objects cannot be read a second time."""

    held: FakeFileStore

    def newest_version(self, key: str) -> str | None:
        return self.held.newest_version(key)

    def put(self, key: str, content: BinaryIO) -> str:
        raise NotImplementedError

    def listed(self, prefix: str = "") -> Iterator[ListedFile]:
        raise NotImplementedError

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        with self.held.fetch(key, version) as stored:
            yield replace(stored, content=Once(stored.content.read()))


class Once(io.BytesIO):
    """Bytes that may be gone back to only as far as their first line was."""

    lines = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.lines += bool(line)
        return line

    def seek(self, place: int, whence: int = 0, /) -> int:
        assert self.lines <= 1
        return super().seek(place, whence)


@pytest.fixture
def sandbox() -> ImportSandbox:
    return ImportSandbox()


def test_every_row_of_a_new_file_is_booked_with_its_line(sandbox: ImportSandbox) -> None:
    trades = day_of(300)
    receipt = sandbox.deliver(csv_of(trades))
    assert (receipt.state, receipt.rows, counts(receipt)) == (FileState.IMPORTED, 300, (300, 0, 0, 0))
    assert not receipt.changed
    sandbox.assert_holds(trades)
    assert (sandbox.book.words["7"][-1].source, sandbox.book.words["7"][-1].number) == (FromFile(FILE_DAY, 1, 9), 1)
    assert sandbox.receipts.newest([FILE_DAY])[FILE_DAY] == receipt


def test_the_same_file_again_books_nothing_and_keeps_its_receipt(sandbox: ImportSandbox) -> None:
    first = sandbox.deliver(csv_of(day_of(50)))
    again = sandbox.deliver(csv_of(day_of(50)))
    assert counts(again) == (0, 50, 0, 0)
    assert sandbox.receipts.versions(FILE_DAY) == [replace(first, object_version="2")]
    assert again.imported_at == first.imported_at


def test_the_same_file_again_is_read_once_and_counted_as_it_was(sandbox: ImportSandbox) -> None:
    clashing = [trade("7", delivery_hour=7, price=7), trade("8", delivery_hour=8, price=1)]
    content = csv_of([*day_of(50), *clashing], "x,1.5,0,buy,2023-02-28,13,t,2023-02-20T10:00:00Z")
    first = sandbox.deliver(content)
    assert counts(first) == (49, 1, 0, 3)
    read_once = ReadOnce(sandbox.store)
    sandbox.store.put(KEY, io.BytesIO(content))
    again = import_daily_file(FILE_DAY, replace(sandbox.context(), store=read_once))
    assert (counts(again), again.rows) == ((0, 50, 0, 3), 53)


def test_a_lost_trade_is_rebooked_once_though_its_row_is_repeated(sandbox: ImportSandbox) -> None:
    content = csv_of([*day_of(5), *day_of(5)])
    sandbox.deliver(content)
    sandbox.book.words.pop("3")
    sandbox.book.held.clear()
    assert counts(sandbox.deliver(content)) == (1, 9, 0, 0)
    assert sum(change.trades for change in sandbox.book.held.values()) == 1


def test_a_new_version_corrects_changed_trades_and_adds_new_ones(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    trades = [*day_of(9), trade("9", delivery_hour=20), trade("new")]
    receipt = sandbox.deliver(csv_of(trades))
    assert (receipt.version, counts(receipt)) == (2, (1, 9, 1, 0))
    sandbox.assert_holds(trades)
    assert [receipt.version for receipt in sandbox.receipts.versions(FILE_DAY)] == [2, 1]


def test_the_exchange_leads_over_what_was_posted(sandbox: ImportSandbox) -> None:
    sandbox.book.add([posted(trade("0", price=99)), posted(trade("1", delivery_hour=1, price=1))])
    assert counts(sandbox.deliver(csv_of(day_of(3)))) == (1, 1, 1, 0)
    sandbox.assert_holds(day_of(3))


def test_bad_rows_are_quarantined_and_the_day_is_provisional(sandbox: ImportSandbox) -> None:
    receipt = sandbox.deliver(csv_of(day_of(20), "x,1.5,0,buy,2023-02-28,13,t,2023-02-20T10:00:00Z"))
    assert (receipt.state, counts(receipt)) == (FileState.PROVISIONAL, (20, 0, 0, 1))
    [row] = sandbox.receipts.quarantine(FILE_DAY, 1)
    assert (row.line, [problem.field for problem in row.problems]) == (22, ["price", "quantity"])


def test_a_repeated_row_counts_as_already_booked(sandbox: ImportSandbox) -> None:
    assert counts(sandbox.deliver(csv_of([*day_of(5), *day_of(2)]))) == (5, 2, 0, 0)


def test_of_a_rejected_file_nothing_is_booked(sandbox: ImportSandbox) -> None:
    receipt = sandbox.deliver(b"not,a,daily,file\n1,2,3,4\n")
    assert (receipt.state, sandbox.book.words) == (FileState.REJECTED, {})
    assert sandbox.receipts.newest([FILE_DAY])[FILE_DAY].reason == receipt.reason


def test_a_file_still_being_written_is_imported_once_it_is_whole(sandbox: ImportSandbox) -> None:
    whole = csv_of(day_of(5))
    assert sandbox.deliver(whole[:-30]).state is FileState.WAITING
    assert sandbox.book.words == {}
    assert counts(sandbox.deliver(whole)) == (5, 0, 0, 0)


def test_a_file_without_rows_is_imported_as_empty(sandbox: ImportSandbox) -> None:
    receipt = sandbox.deliver(csv_of([]))
    assert (receipt.state, receipt.rows, receipt.reason) == (FileState.IMPORTED, 0, "the file has no rows")


def test_without_a_file_nothing_is_taken_or_noted(sandbox: ImportSandbox) -> None:
    with pytest.raises(NotFound):
        sandbox.run()
    assert sandbox.receipts.days == {}


def test_while_another_run_holds_the_lease_nothing_is_done(sandbox: ImportSandbox) -> None:
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(5))))
    now = sandbox.clock.now()
    sandbox.receipts.acquire(FILE_DAY, "other", now, now + LEASE)
    with pytest.raises(ImportUnderWay):
        sandbox.run()
    assert sandbox.book.words == {}


def test_the_lease_of_a_run_that_died_runs_out(sandbox: ImportSandbox) -> None:
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(5))))
    now = sandbox.clock.now()
    sandbox.receipts.acquire(FILE_DAY, "died", now, now + LEASE)
    sandbox.clock.time = now + LEASE
    assert counts(sandbox.run()) == (5, 0, 0, 0)


@pytest.mark.parametrize("lost_reply", [False, True])
@pytest.mark.parametrize("writes", range(5))
def test_a_repeated_crashed_run_has_the_receipt_of_an_undisturbed_one(
    sandbox: ImportSandbox, writes: int, lost_reply: bool
) -> None:
    trades = day_of(400)
    content = csv_of(trades, "bad")
    undisturbed = ImportSandbox().deliver(content)
    sandbox.store.put(KEY, io.BytesIO(content))
    with pytest.raises(Unavailable):
        sandbox.run(DyingBook(sandbox.book, writes, lost_reply=lost_reply))
    assert sandbox.receipts.newest([FILE_DAY])[FILE_DAY].state is FileState.IMPORTING
    assert sandbox.run() == undisturbed
    sandbox.assert_holds(trades)


def test_a_stale_run_cannot_write_a_receipt(sandbox: ImportSandbox) -> None:
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(5))))
    now = sandbox.clock.now()
    lease = sandbox.receipts.acquire(FILE_DAY, "zombie", now, now)
    done = sandbox.run()
    with pytest.raises(ImportUnderWay):
        sandbox.receipts.save(lease, replace(done, booked=0), now + LEASE)
    assert sandbox.receipts.newest([FILE_DAY])[FILE_DAY] == done


def test_progress_is_reported_up_to_the_last_row(sandbox: ImportSandbox) -> None:
    told: list[tuple[int, int]] = []
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(9), "bad")))
    import_daily_file(FILE_DAY, sandbox.context(), lambda done, rows: told.append((done, rows)))
    assert told[-1] == (10, 10)


@pytest.mark.parametrize(
    ("state", "version", "known"),
    [
        (FileState.IMPORTED, "1", True),
        (FileState.PROVISIONAL, "1", True),
        (FileState.REJECTED, "1", True),
        (FileState.WAITING, "1", False),
        (FileState.IMPORTING, "1", False),
        (FileState.IMPORTED, "2", False),
    ],
)
def test_a_poll_skips_only_a_finished_version(
    sandbox: ImportSandbox, state: FileState, version: str, known: bool
) -> None:
    now = datetime(2023, 2, 21, tzinfo=UTC)
    lease = sandbox.receipts.acquire(FILE_DAY, "t", now, now + timedelta(minutes=1))
    receipt = Receipt(FILE_DAY, 1, state, key=KEY, sha256="s", object_version="1")
    sandbox.receipts.save(lease, receipt, now)
    assert already_imported(FILE_DAY, KEY, version, sandbox.receipts) is known
    assert not already_imported(date(2023, 2, 21), KEY, version, sandbox.receipts)


def test_a_run_out_of_time_stops_and_the_next_one_resumes(
    sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", 50)
    trades = day_of(170)
    content = csv_of([*trades, trades[0]], "bad")
    undisturbed = ImportSandbox().deliver(content)
    sandbox.store.put(KEY, io.BytesIO(content))
    sandbox.time_left = timedelta(seconds=29)
    for done in (50, 100, 150):
        stopped = import_daily_file(FILE_DAY, sandbox.context())
        assert (stopped.state, stopped.booked, len(sandbox.book.words)) == (FileState.IMPORTING, done, done)
    sandbox.time_left = timedelta.max
    assert sandbox.run() == undisturbed
    sandbox.assert_holds(trades)


def test_a_file_over_the_size_limit_is_rejected_unread(sandbox: ImportSandbox) -> None:
    content = csv_of(day_of(5))
    sandbox.store.put(KEY, io.BytesIO(content))
    large = replace(sandbox.context(), limits=Limits(size=len(content)))
    small = replace(sandbox.context(), limits=Limits(size=100))
    receipt = import_daily_file(FILE_DAY, small)
    assert receipt.state is FileState.REJECTED
    assert receipt.reason == f"the file has {len(content)} bytes, at most 100 are read"
    assert import_daily_file(FILE_DAY, large).state is FileState.IMPORTED


def test_rows_that_are_there_already_are_read_and_not_written(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(10)[::-1])))
    assert counts(sandbox.run(DyingBook(sandbox.book, 0, lost_reply=False))) == (0, 10, 0, 0)


def test_a_run_with_time_for_another_window_continues(sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", 50)
    sandbox.time_left = timedelta(seconds=30)
    assert counts(sandbox.deliver(csv_of(day_of(120)))) == (120, 0, 0, 0)


class ReadingBook(FakeBook):
    """Keeps how many trades it was asked for at once."""

    def __init__(self, real: FakeBook) -> None:
        super().__init__()
        self.words, self.held = real.words, real.held
        self.asked: list[int] = []

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        self.asked.append(len(trade_ids))
        return super().find_many(trade_ids)


def test_as_many_trades_are_read_at_once_as_dynamodb_gives(sandbox: ImportSandbox) -> None:
    """A BatchGetItem takes 100 keys."""
    sandbox.deliver(csv_of(day_of(650)))
    book = ReadingBook(sandbox.book)
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(530))))
    assert sandbox.run(book).withdrawn == 120
    survey, booking, missing = [*[100] * 5, 30], [*[100] * 5, 30], [100, 20]
    assert sorted(book.asked, reverse=True) == sorted([*survey, *booking, *missing, *missing, *missing], reverse=True)


def test_a_row_executed_after_the_file_was_stored_is_quarantined(sandbox: ImportSandbox) -> None:
    stored = datetime(2023, 2, 21, 0, 54, tzinfo=UTC)
    sandbox.store.now = lambda: stored - timedelta(seconds=1)
    just = trade("just", execution_time="2023-02-21T00:59:00Z")
    receipt = sandbox.deliver(csv_of([just, trade("later", execution_time="2023-02-21T00:59:01Z")]))
    assert (receipt.state, receipt.booked, receipt.quarantined) == (FileState.PROVISIONAL, 1, 1)
    [row] = sandbox.receipts.quarantine(FILE_DAY, 1)
    assert "after the file was stored (2023-02-21T00:54:00Z)" in str(row.problems[0])
    sandbox.assert_holds([just])


def test_a_quarter_hour_is_rejected_unless_its_column_is_harmless(sandbox: ImportSandbox) -> None:
    good = (
        csv_of([trade("a")]).replace(b"execution_time\n", b"execution_time,product\n").replace(b"00Z\n", b"00Z,15Q4\n")
    )
    assert "column 'product' has '15Q4' on line 2" in str(sandbox.deliver(good).reason)
    sandbox.store.put(KEY, io.BytesIO(good))
    harmless = replace(sandbox.context(), limits=Limits(harmless_columns=frozenset({"Product"})))
    receipt = import_daily_file(FILE_DAY, harmless)
    assert (receipt.state, receipt.booked, receipt.ignored_columns) == (FileState.IMPORTED, 1, ("product",))


def test_a_header_without_a_line_end_is_imported_as_an_empty_file(sandbox: ImportSandbox) -> None:
    receipt = sandbox.deliver(",".join(FIELDS).encode())
    assert (receipt.state, receipt.rows, receipt.reason) == (FileState.IMPORTED, 0, "the file has no rows")


def test_odd_but_valid_rows_are_booked_with_a_warning_and_a_notice(sandbox: ImportSandbox) -> None:
    odd = [
        trade("late", delivery_day="2023-02-20", delivery_hour=3),
        trade("later", delivery_day="2023-02-20", delivery_hour=4),
        trade("dear", price=1_000_000),
        trade("many", quantity=1_000),
    ]
    receipt = sandbox.deliver(csv_of([trade("usual"), *odd]))
    assert (receipt.state, receipt.booked) == (FileState.IMPORTED, 5)
    assert receipt.warnings == (
        "1 row is beyond the exchange's price limits, the first on line 5",
        "1 row is beyond the exchange's quantity limit, the first on line 6",
        "2 rows are executed after the delivery ended, the first on line 3",
    )
    assert receipt.settled
    assert [f"the file of 20 Feb 2023: {warning}" for warning in receipt.warnings] == list(receipt.reasons())
    [(subject, body)] = sandbox.notices.sent
    assert subject.endswith("is imported; please check it")
    assert "Note: 2 rows are executed after the delivery ended, the first on line 3." in body
