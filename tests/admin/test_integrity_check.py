"""Verify finds no deviation in a sound book, reads again what changed meanwhile, and needs the files it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.admin.repair import rebuild_positions
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import RULES, FileState, Receipt
from chalicelib.trades.revision import Posted
from tests.fakes.admin import FakeLedger
from tests.fakes.feeds import FakeReceipts
from tests.fixtures.archive import (
    NEXT_DAY,
    NIGHT,
    NIGHTLY,
    OTHER,
    Archive,
    T,
    one_row_booked,
    row_of,
)
from tests.fixtures.daily_files import csv_of
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import FILE_DAY, trade


@pytest.fixture
def archive() -> Archive:
    return Archive()


def posted_finer(archive: Archive) -> None:
    archive.file([T])
    archive.state(
        trade("t", price=100, execution_time="2023-02-20T10:00:00.123Z"), Posted("bob"), matched=FileDay(FILE_DAY)
    )


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
    archive.state(T, Posted("bob"), matched=FileDay(FILE_DAY))
    archive.file([OTHER], file_day=NEXT_DAY)


def stale_by_the_first_rules(archive: Archive, rules: int = 1) -> None:
    """The first rules let the file of a later day lead, also over that of the day of execution."""
    archive.file([OTHER], file_day=NEXT_DAY)
    archive.state(OTHER, row_of(file_day=NEXT_DAY))
    archive.file([T], rules=rules, at=NIGHT + timedelta(days=1))


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


@pytest.mark.parametrize("rules", [2, RULES])
def test_by_newer_rules_no_later_day_outranks_the_day_of_execution(archive: Archive, rules: int) -> None:
    stale_by_the_first_rules(archive, rules)
    [deviation] = archive.deviations()
    assert deviation.startswith(f"file {FILE_DAY} version 1, line 2: trade 't' has other terms than this line")


def test_faulty_reference_prices_are_deviations() -> None:
    sandbox = ImportSandbox()
    ledger = FakeLedger(sandbox.book, sandbox.receipts)
    ledger.price_faults = ["2026-06-15#FR#best: its set is unknown"]
    proof = verify(ledger, BookStores(sandbox.receipts, sandbox.store, sandbox.book))
    assert proof.deviations == ("reference prices 2026-06-15#FR#best: its set is unknown",)


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


class ReceiptsChangingMidway(FakeReceipts):
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
    assert verify(ledger, BookStores(ReceiptsChangingMidway(archive), archive.store, archive.book)).deviations == ()
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
    archive.file([T, trade("u")])
    archive.state(trade("u"))
    key = next(iter(archive.book.held))
    archive.book.held[key] += archive.book.held[key]
    assert len(archive.deviations()) == 2
    assert len(rebuild_positions(FakeLedger(archive.book, archive.receipts), "ida").mended) == 1
    assert len(archive.deviations()) == 1
