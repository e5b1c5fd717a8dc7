"""Verify finds every row of a booked file that the book does not hold, and nothing in a sound book."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from chalicelib.admin import file_proof
from chalicelib.admin.integrity_check import BookStores, Proof, verify
from chalicelib.admin.repair import rebuild_positions
from chalicelib.common.errors import Problem
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import BOOKED_STATES, RULES, FileState, QuarantinedRow, Receipt
from chalicelib.imports.validation import Limits, good_rows, validate_file
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import FromFile, Posted, Revision, Source
from tests.fakes.admin import FakeLedger
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.trades import FakeBook
from tests.fixtures.daily_files import csv_of
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import FILE_DAY, trade

NEXT_DAY = FILE_DAY + timedelta(days=1)
DAY_BEFORE = FILE_DAY - timedelta(days=1)
NIGHT = datetime(2023, 2, 21, 0, 54, tzinfo=UTC)
"""When a version of these tests ends, unless it says otherwise."""
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
T = trade("t", price=100)
"""Executed on FILE_DAY."""
OTHER = trade("t", price=200)
NIGHTLY = "epex_trades_20230220.csv"
PUT_BACK = f"importing the file again puts it back: voltbook import {NIGHTLY}"
BACKUP = "only a backup of the book has it: voltbook import-all FOLDER"


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def row_of(version: int = 1, file_day: date = FILE_DAY, line: int = 2) -> FromFile:
    return FromFile(file_day, version, line)


class CountedBook(FakeBook):
    """Counts what is asked of it, and refuses what DynamoDB refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.histories_read: list[str] = []
        self.asked: list[str] = []

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        assert len(set(trade_ids)) == len(trade_ids) <= 100
        self.asked += trade_ids
        return super().find_many(trade_ids)

    def history(self, trade_id: str) -> Sequence[Revision]:
        self.histories_read.append(trade_id)
        return super().history(trade_id)


@dataclass
class Archive:
    """A book, its receipts and its bucket, each in the state that a test describes."""

    book: CountedBook = field(default_factory=CountedBook)
    receipts: FakeReceipts = field(default_factory=FakeReceipts)
    store: FakeFileStore = field(default_factory=FakeFileStore)

    def file(
        self,
        trades: Sequence[Trade],
        *extra: str,
        file_day: date = FILE_DAY,
        state: FileState = FileState.IMPORTED,
        rules: int = RULES,
        quarantined: Collection[int] = (),
        at: datetime = NIGHT,
    ) -> None:
        """Store the next version of a day's file, and its receipt."""
        self.content(csv_of(trades, *extra), len(trades) + len(extra), file_day, state, rules, quarantined, at)

    def content(
        self,
        content: bytes,
        rows: int,
        file_day: date,
        state: FileState,
        rules: int,
        bad: Collection[int],
        at: datetime,
    ) -> None:
        key = file_name(file_day)
        name = self.store.put(key, io.BytesIO(content))
        lease = self.receipts.acquire(file_day, "test", NIGHT, NIGHT)
        version = lease.newest.version + 1 if lease.newest else 1
        kept = [QuarantinedRow(line, (Problem("row", "is bad"),)) for line in bad]
        self.receipts.store_quarantine(lease, version, kept)
        booked = state in BOOKED_STATES
        receipt = Receipt(
            file_day,
            version,
            state,
            key,
            sha256(content).hexdigest(),
            name,
            rows=rows,
            booked=rows - len(bad) if booked else 0,
            quarantined=len(bad),
            imported_at=text_of(at) if booked else None,
            rules=rules,
        )
        self.receipts.save(lease, receipt, NIGHT)

    def state(self, a_trade: Trade, source: Source | None = None, at: datetime = NIGHT, **changes: object) -> None:
        """Add a revision of a trade, the first one or the next."""
        current = self.book.find(a_trade.id)
        first = Revision(a_trade, 1, source or row_of(), text_of(at))
        new = replace(first, number=current.number + 1 if current else 1, **changes)  # type: ignore[arg-type]  # by name
        if current is None:
            self.book.add([new])
        else:
            assert self.book.correct(current, new) is None

    def withdraw(self, a_trade: Trade, user: str = "anna") -> None:
        self.state(a_trade, Posted(user), withdrawn=True)

    def proof(self) -> Proof:
        return verify(FakeLedger(self.book, self.receipts), BookStores(self.receipts, self.store, self.book))

    def deviations(self) -> tuple[str, ...]:
        return self.proof().deviations


@pytest.fixture
def archive() -> Archive:
    return Archive()


def one_row_booked(archive: Archive) -> None:
    archive.file([T])
    archive.state(T)


def posted_finer(archive: Archive) -> None:
    archive.file([T])
    archive.state(trade("t", price=100, execution_time="2023-02-20T10:00:00.123Z"), Posted("bob"), matched=FILE_DAY)


def corrected_by_a_newer_version(archive: Archive) -> None:
    archive.file([T])
    archive.file([OTHER])
    archive.state(T)
    archive.state(OTHER, row_of(2))


def corrected_by_a_newer_version_that_is_still_being_imported(archive: Archive) -> None:
    archive.file([T])
    archive.file([OTHER], state=FileState.IMPORTING)
    archive.state(T)
    archive.state(OTHER, row_of(2))


def corrected_by_the_file_of_a_later_day(archive: Archive) -> None:
    """Both files have it from another day, so that the later one leads."""
    archive.file([T], file_day=NEXT_DAY)
    archive.file([OTHER], file_day=NEXT_DAY + timedelta(days=1))
    archive.state(T, row_of(file_day=NEXT_DAY))
    archive.state(OTHER, row_of(file_day=NEXT_DAY + timedelta(days=1)))


def corrected_by_the_file_of_its_own_day(archive: Archive) -> None:
    archive.file([T], file_day=NEXT_DAY)
    archive.state(T, row_of(file_day=NEXT_DAY))
    archive.file([OTHER])
    archive.state(OTHER)


def stale_in_the_file_of_a_later_day(archive: Archive) -> None:
    one_row_booked(archive)
    archive.file([OTHER], file_day=NEXT_DAY)


def stale_because_its_own_day_confirmed_a_post(archive: Archive) -> None:
    archive.file([T])
    archive.state(T, Posted("bob"), matched=FILE_DAY)
    archive.file([OTHER], file_day=NEXT_DAY)


def stale_by_the_first_rules(archive: Archive) -> None:
    """The last release let the file of a later day lead, also over that of the day of execution."""
    archive.file([OTHER], file_day=NEXT_DAY)
    archive.state(OTHER, row_of(file_day=NEXT_DAY))
    archive.file([T], rules=1, at=NIGHT + timedelta(days=1))


def post_corrected_by_the_file(archive: Archive) -> None:
    archive.state(OTHER, Posted("bob"))
    one_row_booked(archive)


def withdrawn_and_in_no_newest_file(archive: Archive) -> None:
    archive.file([T, trade("u")])
    archive.file([trade("u")])
    archive.state(T)
    archive.state(trade("u"))
    archive.withdraw(T)


def withdrawn_and_put_back(archive: Archive) -> None:
    archive.file([T])
    archive.state(T)
    archive.withdraw(T)
    archive.state(T)


def repeated_rows(archive: Archive) -> None:
    archive.file([T, T, trade("u"), T])
    archive.state(T)
    archive.state(trade("u"))


def replaced_version_is_gone(archive: Archive) -> None:
    corrected_by_a_newer_version(archive)
    held = archive.receipts.days[FILE_DAY]
    held.keep(replace(held.receipts[1], object_version="9"))


def quarantined_row_reads_well(archive: Archive) -> None:
    """Rules that a row alone does not show may have kept it out."""
    archive.file([T, trade("u")], state=FileState.PROVISIONAL, quarantined=[3])
    archive.state(T)


def rejected_and_waiting_versions(archive: Archive) -> None:
    one_row_booked(archive)
    archive.file([trade("u")], state=FileState.REJECTED, quarantined=[2])
    archive.file([trade("v")], state=FileState.HELD)


@pytest.mark.parametrize(
    "history",
    [
        one_row_booked,
        posted_finer,
        corrected_by_a_newer_version,
        corrected_by_a_newer_version_that_is_still_being_imported,
        corrected_by_the_file_of_a_later_day,
        corrected_by_the_file_of_its_own_day,
        stale_in_the_file_of_a_later_day,
        stale_because_its_own_day_confirmed_a_post,
        stale_by_the_first_rules,
        post_corrected_by_the_file,
        withdrawn_and_in_no_newest_file,
        withdrawn_and_put_back,
        repeated_rows,
        replaced_version_is_gone,
        quarantined_row_reads_well,
        rejected_and_waiting_versions,
    ],
)
def test_a_sound_history_has_no_deviation(archive: Archive, history: Callable[[Archive], None]) -> None:
    history(archive)
    assert archive.deviations() == ()


def never_booked(archive: Archive) -> None:
    archive.file([T, trade("u")])
    archive.state(trade("u"))


def never_booked_of_a_provisional_file(archive: Archive) -> None:
    archive.file([T], "bad", state=FileState.PROVISIONAL, quarantined=[3])


def never_booked_of_the_version_under_a_held_one(archive: Archive) -> None:
    archive.file([T])
    archive.file([T], state=FileState.HELD)


def never_booked_of_an_older_version(archive: Archive) -> None:
    archive.file([T])
    archive.file([trade("u")])
    archive.state(trade("u"))


def withdrawn_though_the_newest_version_has_it(archive: Archive) -> None:
    archive.file([T])
    archive.state(T)
    archive.withdraw(T)


def withdrawn_by_one_day_though_the_newest_file_of_another_has_it(archive: Archive) -> None:
    archive.file([T])
    archive.file([T], file_day=NEXT_DAY)
    archive.file([trade("u")], file_day=NEXT_DAY)
    archive.state(T, matched=NEXT_DAY)
    archive.state(trade("u"), row_of(2, NEXT_DAY))
    archive.withdraw(T)


def withdrawn_though_a_provisional_file_has_it(archive: Archive) -> None:
    archive.file([T], "bad", state=FileState.PROVISIONAL, quarantined=[3])
    archive.state(T)
    archive.withdraw(T)


def post_never_corrected(archive: Archive) -> None:
    archive.file([T])
    archive.state(OTHER, Posted("bob"))


def older_version_counts(archive: Archive) -> None:
    archive.file([OTHER])
    archive.file([T])
    archive.state(OTHER)


def older_day_counts(archive: Archive) -> None:
    archive.file([OTHER], file_day=DAY_BEFORE)
    archive.file([T])
    archive.state(OTHER, row_of(file_day=DAY_BEFORE))


def older_day_counts_of_two_that_are_not_its_own(archive: Archive) -> None:
    last = NEXT_DAY + timedelta(days=1)
    archive.file([OTHER], file_day=NEXT_DAY)
    archive.file([T], file_day=last)
    archive.state(OTHER, row_of(file_day=NEXT_DAY))


def booked_with_other_terms(archive: Archive) -> None:
    archive.file([T])
    archive.state(OTHER)


def corrected_over_the_file_of_its_own_day(archive: Archive) -> None:
    one_row_booked(archive)
    archive.file([OTHER], file_day=NEXT_DAY)
    archive.state(OTHER, row_of(file_day=NEXT_DAY))


def older_terms_never_stated(archive: Archive) -> None:
    archive.file([T])
    archive.file([OTHER])
    archive.state(OTHER, row_of(2))


def older_terms_never_stated_though_others_were(archive: Archive) -> None:
    archive.file([T])
    archive.state(OTHER, Posted("bob"))
    archive.file([trade("t", price=300)])
    archive.state(trade("t", price=300), row_of(2))


def newest_terms_never_stated(archive: Archive) -> None:
    """The statement that outranks the row came days after the row was imported and should have been booked."""
    archive.file([T], file_day=NEXT_DAY)
    late = NIGHT + timedelta(days=2)
    archive.file([OTHER], at=late)
    archive.state(OTHER, at=late)


@pytest.mark.parametrize(
    ("history", "file", "deviation"),
    [
        (never_booked, f"{FILE_DAY} version 1, line 2", f"is not in the book; expected price 100; {PUT_BACK}"),
        (never_booked_of_a_provisional_file, f"{FILE_DAY} version 1, line 2", f"is not in the book; {PUT_BACK}"),
        (never_booked_of_the_version_under_a_held_one, f"{FILE_DAY} version 1, line 2", f"is not in; {PUT_BACK}"),
        (never_booked_of_an_older_version, f"{FILE_DAY} version 1, line 2", f"is not in the book; {BACKUP}"),
        (
            withdrawn_though_the_newest_version_has_it,
            f"{FILE_DAY} version 1, line 2",
            f"was withdrawn by 'anna' at {text_of(NIGHT)}, and this version has it; {PUT_BACK}",
        ),
        (
            withdrawn_by_one_day_though_the_newest_file_of_another_has_it,
            f"{FILE_DAY} version 1, line 2",
            f"was withdrawn by 'anna' at; {PUT_BACK}",
        ),
        (
            withdrawn_though_a_provisional_file_has_it,
            f"{FILE_DAY} version 1, line 2",
            f"was withdrawn by 'anna' at; {PUT_BACK}",
        ),
        (
            post_never_corrected,
            f"{FILE_DAY} version 1, line 2",
            f"has other terms than this line: price: expected 100, found 200, by 'bob' at; {PUT_BACK}",
        ),
        (
            older_version_counts,
            f"{FILE_DAY} version 2, line 2",
            f"price: expected 100, found 200, by file {FILE_DAY} version 1, line 2, at; {PUT_BACK}",
        ),
        (older_day_counts, f"{FILE_DAY} version 1, line 2", f"found 200, by file {DAY_BEFORE} version 1; {PUT_BACK}"),
        (
            older_day_counts_of_two_that_are_not_its_own,
            f"{NEXT_DAY + timedelta(days=1)} version 1, line 2",
            f"found 200, by file {NEXT_DAY} version 1",
        ),
        (
            older_terms_never_stated_though_others_were,
            f"{FILE_DAY} version 1, line 2",
            f"has no revision with the terms of this line: expected price 100; {BACKUP}",
        ),
        (booked_with_other_terms, f"{FILE_DAY} version 1, line 2", f"expected 100, found 200; {PUT_BACK}"),
        (corrected_over_the_file_of_its_own_day, f"{FILE_DAY} version 1, line 2", f"found 200, by file {NEXT_DAY}"),
        (
            older_terms_never_stated,
            f"{FILE_DAY} version 1, line 2",
            f"has no revision with the terms of this line: expected price 100; {BACKUP}",
        ),
        (newest_terms_never_stated, f"{NEXT_DAY} version 1, line 2", f"has no revision with the terms; {BACKUP}"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_row_that_the_book_does_not_hold_is_one_deviation(
    archive: Archive, history: Callable[[Archive], None], file: str, deviation: str
) -> None:
    history(archive)
    [named] = archive.deviations()
    assert named.startswith(f"file {file}: trade 't' ")
    rest = named
    for part in deviation.split("; "):
        assert part in rest
        rest = rest[rest.index(part) :]


def test_the_trades_that_a_copy_of_a_file_took_with_it_are_all_named(archive: Archive) -> None:
    """The 16th came again as the file of the 17th; the right one followed, and its withdrawals were confirmed."""
    content = (SAMPLES / "epex_trades_20260616.csv").read_bytes()
    rows = list(good_rows(io.BytesIO(content), validate_file(io.BytesIO(content), Limits())))
    wrong, right = date(2026, 6, 16), date(2026, 6, 17)
    for file_day in (wrong, right):
        archive.content(content, len(rows), file_day, FileState.IMPORTED, 1, (), NIGHT)
    new = trade("of the 17th", execution_time="2026-06-17T10:00:00Z")
    archive.file([new, rows[0][1]], file_day=right, rules=1)
    for line, one in rows:
        archive.state(one, row_of(file_day=wrong, line=line), matched=right)
    archive.state(new, row_of(2, right))
    assert archive.deviations() == ()
    for _, one in rows[1:]:
        archive.withdraw(one, "admin")
    named = archive.deviations()
    assert len(named) == len(rows) - 1 == 229
    for (line, one), deviation in zip(rows[1:], named, strict=True):
        assert deviation.startswith(
            f"file 2026-06-16 version 1, line {line}: trade {one.id!r} was withdrawn by 'admin'"
        )
        assert deviation.endswith("importing the file again puts it back: voltbook import epex_trades_20260616.csv")


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("newest", [True, False])
def test_every_row_is_compared_wherever_a_batch_ends(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, number: int, newest: bool
) -> None:
    monkeypatch.setattr(file_proof, "READ_AT_ONCE", 3)
    trades = [trade(str(one)) for one in range(10)]
    archive.file(trades)
    for one in trades:
        if one.id != str(number):
            archive.state(one, row_of(line=int(one.id) + 2))
    if not newest:
        archive.file([])
    [named] = archive.deviations()
    assert f"version 1, line {number + 2}: trade '{number}' is not in the book" in named


@pytest.mark.parametrize(("counted", "found"), [(1, 2), (3, 2)])
def test_good_rows_are_counted_against_the_receipt(archive: Archive, counted: int, found: int) -> None:
    archive.file([T, trade("u")])
    archive.state(T)
    archive.state(trade("u"))
    held = archive.receipts.days[FILE_DAY]
    held.keep(replace(held.receipts[1], rows=counted, booked=counted))
    [named] = archive.deviations()
    assert named == f"file {FILE_DAY} version 1: {NIGHTLY} has {found} valid rows and the receipt counts {counted}"


def test_of_very_many_deviating_rows_the_rest_is_counted(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_proof, "NAMED", 4)
    archive.file([trade(str(number)) for number in range(10)])
    named = archive.deviations()
    assert [one.split(": ")[0] for one in named[:-1]] == [
        f"file {FILE_DAY} version 1, line {line}" for line in range(2, 6)
    ]
    assert "version 1: 6 more rows deviate" in named[-1]


def test_histories_are_read_only_if_the_current_revision_is_not_enough(archive: Archive) -> None:
    trades = [trade(str(number)) for number in range(250)]
    archive.file(trades)
    archive.file([*trades[:-1], trade("249", price=7)])
    for one in trades:
        archive.state(one)
    archive.state(trade("249", price=7), row_of(2))
    assert archive.deviations() == ()
    assert archive.book.histories_read == ["249"]
    assert len(archive.book.asked) == 500


@pytest.mark.parametrize(("seconds_ahead", "deviations"), [(3600, 0), (3601, 1)])
def test_a_clock_that_was_a_little_ahead_makes_no_deviation(
    archive: Archive, seconds_ahead: int, deviations: int
) -> None:
    archive.file([T], file_day=NEXT_DAY)
    archive.file([OTHER])
    archive.state(OTHER, at=NIGHT + timedelta(seconds=seconds_ahead))
    assert len(archive.deviations()) == deviations


def test_a_new_import_records_its_rules_and_older_versions_keep_theirs() -> None:
    sandbox = ImportSandbox()
    assert sandbox.deliver(csv_of([T])).rules == RULES
    held = sandbox.receipts.days[FILE_DAY]
    held.keep(replace(held.receipts[1], rules=1))
    assert sandbox.deliver(csv_of([T])).rules == 1
    assert [receipt.rules for receipt in sandbox.receipts.versions(FILE_DAY)] == [1]
    sandbox.deliver(csv_of([OTHER]))
    assert [receipt.rules for receipt in sandbox.receipts.versions(FILE_DAY)] == [RULES, 1]
    ledger = FakeLedger(sandbox.book, sandbox.receipts)
    assert verify(ledger, BookStores(sandbox.receipts, sandbox.store, sandbox.book)).deviations == ()


class Moving(FakeReceipts):
    """While a version is compared, the import of the next one ends and its withdrawals are confirmed."""

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        self.days, self._archive, self._looks = archive.receipts.days, archive, 0

    def versions(self, file_day: date) -> Sequence[Receipt]:
        seen = super().versions(file_day)
        self._looks += 1
        if self._looks == 1:
            self._archive.file([trade("u")])
            self._archive.withdraw(T)
        return seen


def test_a_file_day_that_changed_meanwhile_is_compared_again(archive: Archive) -> None:
    archive.file([T, trade("u")])
    archive.state(T)
    archive.state(trade("u"))
    ledger = FakeLedger(archive.book, archive.receipts)
    assert verify(ledger, BookStores(Moving(archive), archive.store, archive.book)).deviations == ()
    assert [receipt.version for receipt in archive.receipts.versions(FILE_DAY)] == [2, 1]


def test_a_file_that_cannot_be_read_any_more_is_named(archive: Archive) -> None:
    archive.content(b"nothing that a header is\nx\n", 1, FILE_DAY, FileState.IMPORTED, RULES, (), NIGHT)
    [named] = archive.deviations()
    assert named.startswith(f"file {FILE_DAY} version 1: {NIGHTLY} was imported and can no longer be read: line 1")


def test_the_newest_version_must_be_in_the_bucket(archive: Archive) -> None:
    one_row_booked(archive)
    archive.store.objects.clear()
    [named] = archive.deviations()
    assert "is not in the bucket in the version that was imported" in named


def test_positions_are_rebuilt_whatever_the_files_say(archive: Archive) -> None:
    never_booked(archive)
    key = next(iter(archive.book.held))
    archive.book.held[key] += archive.book.held[key]
    assert len(archive.deviations()) == 2
    assert len(rebuild_positions(FakeLedger(archive.book, archive.receipts), "ida").mended) == 1
    assert len(archive.deviations()) == 1
