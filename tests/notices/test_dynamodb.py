"""What every outbox promises: a notice is written with what makes it true, and sent by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.store import Receipts
from chalicelib.imports.notices import late_notice, outcome_notices
from chalicelib.notices.model import Kind, Notice
from chalicelib.notices.store import Outbox

DAY = date(2023, 2, 20)
NOW = datetime(2023, 2, 21, 7, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
LATE = late_notice(DAY, None, NOW)
RECEIPT = Receipt(DAY, 1, FileState.REJECTED, key="k", sha256="s", object_version="o", rows=3)
[REJECTED] = outcome_notices(RECEIPT, (), NOW + timedelta(minutes=1), was_missed=False)


def save(receipts: Receipts, *notices: Notice, state: FileState = FileState.REJECTED) -> None:
    lease = receipts.acquire(DAY, "t", NOW, LATER)
    receipts.save(lease, replace(RECEIPT, state=state), LATER, notices)
    receipts.release(lease)


def test_notices_are_written_with_the_receipt_and_read_back_oldest_first(outbox: Outbox, receipts: Receipts) -> None:
    assert receipts.add_late(LATE, NOW)
    save(receipts, REJECTED)
    assert outbox.of([DAY, date(2023, 2, 19)]) == [LATE, REJECTED]
    assert outbox.of([date(2023, 2, 19)]) == []


def test_notices_of_several_files_of_a_day_are_kept_apart(outbox: Outbox, receipts: Receipts) -> None:
    of_each = [replace(REJECTED, of_file=name, body=name) for name in ("first", "second")]
    save(receipts, *of_each)
    assert outbox.of([DAY]) == of_each


def test_where_the_receipt_may_not_be_written_its_notices_are_not(outbox: Outbox, receipts: Receipts) -> None:
    zombie = receipts.acquire(DAY, "zombie", NOW, NOW)
    receipts.acquire(DAY, "other", NOW, LATER)
    with pytest.raises(ImportUnderWay):
        receipts.save(zombie, RECEIPT, LATER, [REJECTED])
    assert outbox.of([DAY]) == []


def test_a_notice_that_is_there_stays_as_it_is_even_if_it_was_sent(outbox: Outbox, receipts: Receipts) -> None:
    save(receipts, REJECTED)
    outbox.claim(REJECTED, "a", NOW, LATER)
    outbox.sent(REJECTED, NOW)
    save(receipts, replace(REJECTED, body="other words"))
    assert outbox.of([DAY]) == [replace(REJECTED, sent_at="2023-02-21T07:00:00Z")]


def test_a_day_is_late_once(outbox: Outbox, receipts: Receipts) -> None:
    assert receipts.add_late(LATE, NOW)
    assert not receipts.add_late(late_notice(DAY, None, LATER), NOW)
    assert outbox.of([DAY]) == [LATE]


@pytest.mark.parametrize("state", [state for state in FileState if state is not FileState.WAITING])
def test_a_day_with_a_used_or_reported_file_is_not_late(outbox: Outbox, receipts: Receipts, state: FileState) -> None:
    save(receipts, state=state)
    assert not receipts.add_late(LATE, NOW)
    assert outbox.of([DAY]) == []


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=1)])
def test_a_day_whose_file_is_not_whole_is_late_but_not_while_it_is_read(receipts: Receipts, after: timedelta) -> None:
    save(receipts, state=FileState.WAITING)
    receipts.acquire(DAY, "t", NOW, LATER)
    assert not receipts.add_late(LATE, LATER - timedelta(milliseconds=1))
    assert receipts.add_late(LATE, LATER + after)


@pytest.mark.parametrize("state", [FileState.IMPORTING, FileState.IMPORTED])
def test_a_day_is_late_despite_a_receipt_that_does_not_replace_its_file(receipts: Receipts, state: FileState) -> None:
    save(receipts, state=state)
    as_read = replace(RECEIPT, state=state)
    assert not receipts.add_late(LATE, NOW, replace(as_read, object_version="an earlier one"))
    assert not receipts.add_late(LATE, NOW, replace(as_read, state=FileState.HELD))
    lease = receipts.acquire(DAY, "t", NOW, LATER)
    assert not receipts.add_late(LATE, NOW, as_read)
    receipts.release(lease)
    assert receipts.add_late(LATE, NOW, as_read)


def test_one_run_may_send_a_notice_until_its_claim_runs_out(outbox: Outbox, receipts: Receipts) -> None:
    receipts.add_late(LATE, NOW)
    assert outbox.claim(LATE, "a", NOW, LATER)
    assert not outbox.claim(LATE, "b", LATER - timedelta(milliseconds=1), LATER)
    assert outbox.claim(LATE, "a", NOW, LATER)
    assert outbox.claim(LATE, "b", LATER, LATER + timedelta(minutes=2))
    assert not outbox.claim(LATE, "a", LATER, LATER)
    assert outbox.claim(LATE, "a", LATER + timedelta(minutes=3), LATER + timedelta(minutes=5))


def test_a_notice_that_was_sent_is_nobodys_to_send_again(outbox: Outbox, receipts: Receipts) -> None:
    receipts.add_late(LATE, NOW)
    outbox.claim(LATE, "a", NOW, NOW)
    outbox.sent(LATE, NOW)
    assert not outbox.claim(LATE, "a", LATER, LATER)
    assert outbox.of([DAY]) == [replace(LATE, sent_at="2023-02-21T07:00:00Z")]


def test_every_kind_and_version_is_a_notice_of_its_own(outbox: Outbox, receipts: Receipts) -> None:
    notices = [
        replace(REJECTED, kind=kind, version=version) for kind in Kind if kind is not Kind.LATE for version in (1, 2)
    ]
    save(receipts, *notices)
    assert {(notice.kind, notice.version) for notice in outbox.of([DAY])} == {
        (notice.kind, notice.version) for notice in notices
    }


def test_changes_are_kept_by_version_and_part_and_a_part_can_be_repeated(receipts: Receipts) -> None:
    many = [FileChange(ChangeKind.CORRECTED, f"ü{line}", line) for line in range(2, 1_202)]
    gone = [FileChange(ChangeKind.WITHDRAWN, "x", None)]
    lease = receipts.acquire(DAY, "t", NOW, LATER)
    receipts.store_changes(lease, 1, 9_999_999, gone)
    receipts.store_changes(lease, 1, 2, many)
    receipts.store_changes(lease, 1, 2, many)
    receipts.store_changes(lease, 2, 2, [])
    assert list(receipts.changes(DAY, 1)) == [*many, *gone]
    assert list(receipts.changes(DAY, 2)) == []
    assert receipts.versions(DAY) == []


def test_a_day_is_open_from_its_first_change_until_it_is_closed(receipts: Receipts) -> None:
    assert receipts.open_days() == {}
    receipts.add_late(LATE, NOW)
    [(day, first)] = receipts.open_days().items()
    save(receipts, state=FileState.IMPORTING)
    receipts.close_day(day, first)
    [(day, second)] = receipts.open_days().items()
    assert (day, second != first) == (DAY, True)
    receipts.close_day(day, second)
    receipts.close_day(day, second)
    assert receipts.open_days() == {}
    save(receipts, state=FileState.IMPORTED)
    assert receipts.open_days() == {}
    save(receipts, REJECTED)
    assert list(receipts.open_days()) == [DAY]
