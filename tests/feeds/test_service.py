"""What is shown of the daily files: the newest word on each day, whole counts, and nothing to a trader."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import InvalidRequest, NotAllowed, NotFound, Problem
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import FileState, QuarantinedRow, Receipt
from chalicelib.feeds.service import MAX_SHOWN, FileHistory, FileStatus, list_files, show_file
from tests.fixtures.daily_files import csv_of
from tests.fixtures.trades import trade
from tests.imports.test_polling import EIGHT, NIGHT, PollSandbox

DAY = date(2023, 2, 20)
GOOD = csv_of([trade("a")])
DESK = Identity("desk", Role.DESK)
TRADER = Identity("tina", Role.TRADER, "trader_1")


@pytest.fixture
def watch() -> PollSandbox:
    return PollSandbox()


def listed(watch: PollSandbox, start: date | None = DAY, end: date | None = DAY) -> list[FileStatus]:
    return list(list_files(start, end, DESK, watch.receipts, watch.receipts.outbox, watch.clock))


def shown(watch: PollSandbox) -> FileHistory:
    return show_file(DAY, DESK, watch.receipts, watch.receipts.outbox)


def state(watch: PollSandbox) -> object:
    """The state of the day as it is listed, which is the one that it is shown with."""
    (found,) = [filing.as_json()["state"] for filing in listed(watch)]
    assert shown(watch).newest.as_json()["state"] == found
    return found


def save(watch: PollSandbox, receipt: Receipt) -> None:
    lease = watch.receipts.acquire(receipt.file_day, "test", NIGHT, NIGHT)
    watch.receipts.save(lease, receipt, NIGHT)


def test_a_night_from_nothing_over_late_to_imported(watch: PollSandbox) -> None:
    watch.poll(NIGHT)
    assert listed(watch) == []
    watch.poll(EIGHT)
    assert state(watch) == "late"
    watch.put(DAY, GOOD[:-30])
    watch.poll(EIGHT + timedelta(minutes=30))
    assert state(watch) == "late"
    watch.put(DAY)
    watch.poll(EIGHT + timedelta(minutes=60))
    assert state(watch) == "imported"


def test_a_file_still_being_written_is_waited_for_until_it_is_late(watch: PollSandbox) -> None:
    watch.put(DAY, GOOD[:-30])
    watch.poll(NIGHT)
    assert state(watch) == "waiting"
    watch.poll(EIGHT)
    assert state(watch) == "late"
    assert listed(watch)[0].as_json()["reason"] == "the file ends inside line 2"


def test_a_late_day_is_not_late_again_while_a_new_version_is_written(watch: PollSandbox) -> None:
    watch.poll(EIGHT)
    for content in (GOOD, GOOD + b"b,1"):
        watch.put(DAY, content)
        watch.poll(EIGHT + timedelta(minutes=30))
    assert state(watch) == "waiting"


def test_a_late_file_that_is_rejected_is_rejected(watch: PollSandbox) -> None:
    watch.poll(EIGHT)
    watch.put(DAY, b"garbage\n")
    watch.poll(EIGHT)
    assert state(watch) == "rejected"


def test_days_come_newest_first_and_those_nobody_speaks_of_are_left_out(watch: PollSandbox) -> None:
    for day in (14, 20, 18):
        save(watch, Receipt(date(2023, 2, day), 1, FileState.IMPORTED, "key", "sha", "1"))
    assert [one.receipt.file_day.day for one in listed(watch, date(2023, 2, 14), date(2023, 2, 21))] == [20, 18, 14]


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        (datetime(2023, 3, 1, 22, 59, tzinfo=UTC), date(2023, 1, 30), date(2023, 2, 28)),
        (datetime(2023, 3, 1, 23, 0, tzinfo=UTC), date(2023, 1, 31), date(2023, 3, 1)),
    ],
)
def test_no_day_is_the_last_thirty_up_to_yesterday_in_berlin(
    watch: PollSandbox, now: datetime, first: date, last: date
) -> None:
    for day in (first - timedelta(days=1), first, last, last + timedelta(days=1)):
        save(watch, Receipt(day, 1, FileState.IMPORTED, "key", "sha", "1"))
    watch.clock.time = now
    assert [one.receipt.file_day for one in listed(watch, None, None)] == [last, first]


def test_a_range_backwards_or_of_more_than_a_year_is_refused(watch: PollSandbox) -> None:
    for end in (DAY - timedelta(days=1), DAY + timedelta(days=366)):
        with pytest.raises(InvalidRequest, match="the range of days"):
            listed(watch, DAY, end)
    assert listed(watch, DAY, DAY + timedelta(days=365)) == []


def test_a_day_nobody_speaks_of_is_not_found(watch: PollSandbox) -> None:
    with pytest.raises(NotFound, match="nothing is known of a daily file of 2023-02-20"):
        shown(watch)


def test_all_versions_and_notices_are_shown_newest_first(watch: PollSandbox) -> None:
    watch.poll(EIGHT)
    for number, content in enumerate((b"garbage\n", GOOD), 1):
        watch.put(DAY, content)
        watch.poll(EIGHT + number * timedelta(minutes=30))
    found = shown(watch)
    assert [(receipt.version, receipt.state.value) for receipt in found.versions] == [(2, "imported"), (1, "rejected")]
    assert [notice.kind.value for notice in found.notices] == ["recovered", "rejected", "late"]


def test_rows_and_changes_are_those_of_the_newest_version(watch: PollSandbox) -> None:
    for content in (csv_of([trade("a")], "bad"), csv_of([trade("a", price=1)], "bad", "worse")):
        watch.put(DAY, content)
        watch.poll(NIGHT)
    found = shown(watch)
    assert list(found.rows) == [2]
    quarantine, changes = found.rows[found.newest.receipt.version]
    assert [row.line for row in quarantine] == [3, 4]
    old, new = trade("a").as_fields(), trade("a", price=1).as_fields()
    assert list(changes) == [FileChange(ChangeKind.CORRECTED, "a", 2, old, new)]


def test_at_most_1000_rows_and_changes_are_shown_with_complete_counts(watch: PollSandbox) -> None:
    many = range(2, MAX_SHOWN + 502)
    rows = [QuarantinedRow(line, (Problem("price", "is odd"),)) for line in many]
    changes = [FileChange(ChangeKind.CORRECTED, str(line), line) for line in many]
    lease = watch.receipts.acquire(DAY, "t", NIGHT, NIGHT)
    watch.receipts.store_quarantine(lease, 1, rows)
    watch.receipts.store_changes(lease, 1, 2, changes)
    save(watch, Receipt(DAY, 1, FileState.PROVISIONAL, "key", "sha", "1", quarantined=len(many), corrected=len(many)))
    newest = shown(watch).as_json()["newest"]
    assert isinstance(newest, dict)
    assert (newest["quarantined"], newest["corrected"]) == (1500, 1500)
    assert [row["line"] for row in newest["quarantine"]] == list(range(2, 1002))
    assert [change["line"] for change in newest["changes"]] == list(range(2, 1002))


def test_a_trader_may_see_none_of_it(watch: PollSandbox) -> None:
    watch.put(DAY)
    watch.poll(NIGHT)
    with pytest.raises(NotAllowed):
        list_files(DAY, DAY, TRADER, watch.receipts, watch.receipts.outbox, watch.clock)
    with pytest.raises(NotAllowed):
        show_file(DAY, TRADER, watch.receipts, watch.receipts.outbox)
