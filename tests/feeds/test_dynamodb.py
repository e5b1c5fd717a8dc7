"""What every keeper of receipts promises: one run at a time, decided by the fence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.common.errors import ImportUnderWay, Problem
from chalicelib.feeds.feed import ImportAttempt
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import RULES, FileState, QuarantinedRow, Receipt
from chalicelib.feeds.store import Receipts
from chalicelib.imports.notices import late_notice

DAY = date(2023, 2, 20)
NOW = datetime(2023, 2, 21, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
RECEIPT = Receipt(
    file_day=DAY,
    version=1,
    state=FileState.PROVISIONAL,
    key="epex_trades_20230220.csv",
    sha256="abc",
    object_version="o1",
    rows=10,
    booked=6,
    already_there=1,
    corrected=1,
    quarantined=2,
    ignored_columns=("venue", "ü,"),
    reason="because",
    imported_at="2023-02-21T01:00:00Z",
)


def test_the_first_run_takes_the_lease_and_knows_no_receipt(receipts: Receipts) -> None:
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    assert (lease.file_day, lease.owner, lease.newest) == (DAY, "a", None)


def test_a_second_run_is_kept_out_until_the_lease_is_released_or_expires(receipts: Receipts) -> None:
    first = receipts.acquire(DAY, "a", NOW, LATER)
    with pytest.raises(ImportUnderWay):
        receipts.acquire(DAY, "b", LATER - timedelta(milliseconds=1), LATER)
    second = receipts.acquire(DAY, "b", LATER, LATER + timedelta(minutes=2))
    receipts.release(second)
    third = receipts.acquire(DAY, "c", NOW, LATER)
    assert first.fence < second.fence < third.fence


def test_a_lease_runs_out_to_the_millisecond(receipts: Receipts) -> None:
    half = NOW + timedelta(milliseconds=500)
    receipts.acquire(DAY, "a", NOW, half)
    with pytest.raises(ImportUnderWay):
        receipts.acquire(DAY, "b", half - timedelta(milliseconds=1), LATER)
    receipts.acquire(DAY, "b", half, LATER)
    receipts.acquire(DAY, "c", LATER + timedelta(days=1), LATER + timedelta(days=2))


def test_a_run_that_asks_again_after_a_lost_reply_has_its_lease(receipts: Receipts) -> None:
    first = receipts.acquire(DAY, "a", NOW, LATER)
    again = receipts.acquire(DAY, "a", NOW, LATER)
    assert again.fence > first.fence
    receipts.save(again, RECEIPT, LATER)


def test_when_a_run_began_is_remembered_however_it_ends(receipts: Receipts) -> None:
    assert receipts.attempts([DAY]) == {}
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    assert receipts.attempts([DAY, date(2023, 2, 19)]) == {DAY: ImportAttempt(NOW)}
    receipts.save(lease, RECEIPT, LATER)
    receipts.release(lease)
    receipts.acquire(DAY, "b", LATER, LATER + timedelta(minutes=2))
    assert receipts.attempts([DAY]) == {DAY: ImportAttempt(LATER)}


def test_what_a_poll_saw_is_remembered_beside_receipt_and_lease(receipts: Receipts) -> None:
    receipts.store_seen(DAY, "o1", NOW)
    assert receipts.newest([DAY]) == {}
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.save(lease, RECEIPT, LATER)
    receipts.store_seen(DAY, "o2", LATER)
    assert receipts.attempts([DAY]) == {DAY: ImportAttempt(NOW, "o2", LATER)}
    receipts.release(lease)
    assert receipts.newest([DAY]) == {DAY: RECEIPT}


def test_a_receipt_is_read_back_whole(receipts: Receipts) -> None:
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.save(lease, RECEIPT, LATER)
    receipts.release(lease)
    assert receipts.newest([DAY, date(2023, 2, 19)]) == {DAY: RECEIPT}
    assert receipts.versions(DAY) == [RECEIPT]
    assert receipts.acquire(DAY, "b", NOW, LATER).newest == RECEIPT


def test_saving_again_replaces_all_of_it(receipts: Receipts) -> None:
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.save(lease, RECEIPT, LATER)
    bare = replace(RECEIPT, reason=None, imported_at=None, ignored_columns=(), booked=7, quarantined=1)
    receipts.save(lease, bare, LATER)
    assert receipts.newest([DAY]) == {DAY: bare}
    assert receipts.versions(DAY) == [bare]


def test_a_receipt_keeps_the_rules_by_which_its_version_was_judged(receipts: Receipts) -> None:
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.save(lease, replace(RECEIPT, rules=RULES), LATER)
    receipts.save(lease, replace(RECEIPT, version=2), LATER)
    assert [receipt.rules for receipt in receipts.versions(DAY)] == [1, RULES]
    assert receipts.newest([DAY])[DAY].rules == 1


def test_a_receipt_keeps_what_is_to_be_looked_at_again_until_nothing_is(receipts: Receipts) -> None:
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    missing = replace(RECEIPT, kept=2, compared_with="0301.1-imported")
    receipts.save(lease, missing, LATER)
    assert receipts.newest([DAY]) == {DAY: missing}
    receipts.save(lease, replace(missing, kept=0, compared_with=None), LATER)
    assert receipts.newest([DAY])[DAY].compared_with is None
    assert receipts.versions(DAY)[0].kept == 0


def test_every_version_keeps_its_receipt_newest_first(receipts: Receipts) -> None:
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    second = replace(RECEIPT, version=2)
    receipts.save(lease, RECEIPT, LATER)
    receipts.save(lease, second, LATER)
    assert receipts.versions(DAY) == [second, RECEIPT]
    assert receipts.newest([DAY]) == {DAY: second}


def test_a_day_that_is_asked_for_twice_is_answered_once(receipts: Receipts) -> None:
    receipts.save(receipts.acquire(DAY, "a", NOW, LATER), RECEIPT, LATER)
    assert receipts.newest([DAY, DAY]) == {DAY: RECEIPT}
    assert receipts.states([DAY, DAY], [DAY, DAY]).receipts == {DAY: RECEIPT}


def test_a_lease_alone_is_no_receipt(receipts: Receipts) -> None:
    receipts.acquire(DAY, "a", NOW, LATER)
    assert receipts.newest([DAY]) == {}
    assert receipts.versions(DAY) == []


def test_saving_and_prolonging_keep_the_lease(receipts: Receipts) -> None:
    lease = receipts.acquire(DAY, "a", NOW, NOW)
    receipts.save(lease, RECEIPT, LATER)
    with pytest.raises(ImportUnderWay):
        receipts.acquire(DAY, "b", LATER - timedelta(seconds=1), LATER)
    receipts.extend(lease, LATER + timedelta(seconds=1))
    with pytest.raises(ImportUnderWay):
        receipts.acquire(DAY, "b", LATER, LATER)


def test_a_stale_lease_holder_can_neither_save_nor_extend_nor_end_it(receipts: Receipts) -> None:
    zombie = receipts.acquire(DAY, "a", NOW, NOW)
    receipts.acquire(DAY, "b", NOW, LATER)
    with pytest.raises(ImportUnderWay):
        receipts.save(zombie, RECEIPT, LATER)
    with pytest.raises(ImportUnderWay):
        receipts.extend(zombie, LATER)
    with pytest.raises(ImportUnderWay):
        receipts.store_quarantine(zombie, 1, [QuarantinedRow(2, (Problem("id", "x"),))])
    with pytest.raises(ImportUnderWay):
        receipts.store_changes(zombie, 1, 2, [FileChange(ChangeKind.CORRECTED, "x", 2)])
    receipts.release(zombie)
    with pytest.raises(ImportUnderWay):
        receipts.acquire(DAY, "c", NOW, LATER)
    assert receipts.versions(DAY) == []


def test_quarantined_rows_are_kept_by_line_and_version_however_many(receipts: Receipts) -> None:
    rows = [QuarantinedRow(line, (Problem("id", "ü" * 60), Problem("price", "x"))) for line in range(2, 2_552)]
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.store_quarantine(lease, 1, rows)
    receipts.store_quarantine(lease, 2, rows[:1])
    receipts.store_quarantine(lease, 3, [])
    assert list(receipts.quarantine(DAY, 1)) == rows
    assert list(receipts.quarantine(DAY, 2)) == rows[:1]
    assert list(receipts.quarantine(DAY, 3)) == []
    assert receipts.versions(DAY) == []


def test_quarantined_rows_of_a_version_validated_again_replace_the_old(receipts: Receipts) -> None:
    rows = [QuarantinedRow(line, (Problem("id", "x"),)) for line in range(2, 252)]
    clash = QuarantinedRow(300, (Problem("id", "already used"),))
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.store_quarantine(lease, 1, rows)
    receipts.store_quarantine(lease, 1, [clash], 300)
    assert (clash in receipts.quarantine(DAY, 1), clash in receipts.quarantine(DAY, 1, by_validation=True)) == (
        True,
        False,
    )
    receipts.store_quarantine(lease, 2, rows[:1])
    receipts.store_quarantine(lease, 1, rows[:120])
    assert list(receipts.quarantine(DAY, 1)) == [*rows[:120], clash]
    receipts.store_quarantine(lease, 1, [])
    assert list(receipts.quarantine(DAY, 1)) == [clash]
    assert list(receipts.quarantine(DAY, 2)) == rows[:1]


def test_what_is_kept_of_rows_and_changes_in_any_script_fits_the_table(receipts: Receipts) -> None:
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    reasons = tuple(Problem(f"field {number}", "must be something else, got " + "😀" * 60) for number in range(8))
    rows = [QuarantinedRow(line, reasons) for line in range(2, 202)]
    changes = [FileChange(ChangeKind.CORRECTED, "😀" * 127 + chr(0x1F600 + line % 80), line) for line in range(2, 702)]
    receipts.store_quarantine(lease, 1, rows)
    receipts.store_changes(lease, 1, 2, changes)
    assert list(receipts.quarantine(DAY, 1)) == rows
    assert list(receipts.changes(DAY, 1)) == changes


def test_a_day_without_a_file_is_a_receipt_of_version_0(receipts: Receipts) -> None:
    absent = Receipt(DAY, 0, FileState.ABSENT, "epex_trades_20230220.csv", "", "", reason="no file", accepted_by="anna")
    accepted = replace(absent, accepted_at="2023-02-21T01:00:00Z")
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.save(lease, accepted, LATER, by="anna")
    receipts.release(lease)
    assert receipts.newest([DAY]) == {DAY: accepted}
    assert receipts.versions(DAY) == [accepted]
    assert not receipts.add_late(late_notice(DAY, None, NOW), NOW)
    again = receipts.acquire(DAY, "b", NOW, LATER)
    assert again.newest == accepted
    receipts.save(again, RECEIPT, LATER)
    assert receipts.versions(DAY) == [RECEIPT, accepted]
    assert receipts.newest([DAY]) == {DAY: RECEIPT}


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("state", [FileState.WAITING, FileState.HELD, FileState.IMPORTED])
def test_a_file_is_late_while_it_is_awaited(receipts: Receipts, state: FileState, early: bool) -> None:
    receipt = replace(RECEIPT, state=state, early=early)
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.save(lease, receipt, LATER)
    receipts.release(lease)
    assert receipts.add_late(late_notice(DAY, receipt, LATER), LATER) is receipt.awaited


def test_a_receipt_that_was_accepted_is_read_back_whole(receipts: Receipts) -> None:
    accepted = replace(RECEIPT, state=FileState.IMPORTED, accepted_at="2023-02-21T01:00:00Z", accepted_by="anna")
    lease = receipts.acquire(DAY, "a", NOW, LATER)
    receipts.save(lease, accepted, LATER, by="anna")
    assert receipts.newest([DAY]) == {DAY: accepted}
    assert receipts.open_days() == {}


def test_footers_are_kept_once_each_and_are_no_file_day(receipts: Receipts) -> None:
    assert receipts.footers() == frozenset()
    for text in ("Total;1", "— Ende —", "Total;1", "x" * 16_000):
        receipts.add_footer(text, "anna")
    assert receipts.footers() == {"Total;1", "— Ende —", "x" * 16_000}
    assert receipts.open_days() == {}
    assert receipts.newest([DAY]) == {}
