"""A poll imports the files that are there, and notifies of late ones, each once."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.common.errors import ImportUnderWay, Unavailable
from chalicelib.feeds.feed import INTERVAL, file_name
from chalicelib.feeds.receipt import Receipt
from chalicelib.feeds.store import ListedFile, StoredFile
from chalicelib.imports.context import LEASE, ImportContext
from chalicelib.imports.polling import TIME_FOR_A_FILE, arrived, notify_late, poll
from chalicelib.trades.revision import Revision
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.imports import fake_import_context
from tests.fakes.notices import FakeNotices
from tests.fakes.trades import FakeBook
from tests.fixtures.daily_files import csv_of
from tests.fixtures.trades import trade

NIGHT = datetime(2023, 2, 21, 0, 30, tzinfo=UTC)
EIGHT = datetime(2023, 2, 21, 7, tzinfo=UTC)
DAY = date(2023, 2, 20)


@dataclass
class PollSandbox:
    """A desk of fakes at a time that a test sets."""

    store: FakeFileStore = field(default_factory=FakeFileStore)
    receipts: FakeReceipts = field(default_factory=FakeReceipts)
    book: FakeBook = field(default_factory=FakeBook)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NIGHT))
    notices: FakeNotices = field(default_factory=FakeNotices)

    @property
    def desk(self) -> ImportContext:
        return fake_import_context(self.store, self.receipts, self.book, self.clock, notices=self.notices)

    def put(self, file_day: date, content: bytes | None = None) -> None:
        good = csv_of([trade(str(file_day), execution_time=f"{file_day}T10:00:00Z")])
        self.store.put(file_name(file_day), io.BytesIO(good if content is None else content))

    def poll(self, at: datetime | None = None) -> list[int]:
        self.clock.time = at or self.clock.time
        return [receipt.file_day.day for receipt in poll(self.desk).imported]

    @property
    def told(self) -> list[str]:
        return [subject.removeprefix("Voltbook: the daily file of ") for subject, _ in self.notices.sent]


@pytest.fixture
def watch() -> PollSandbox:
    return PollSandbox()


def test_a_poll_imports_yesterday_and_then_the_missed_days_of_the_week(watch: PollSandbox) -> None:
    for day in (14, 20, 18, 13, 21):
        watch.put(date(2023, 2, day))
    assert watch.poll() == [20, 14, 18]
    assert watch.poll() == []


def test_a_poll_skips_a_day_whose_import_is_running(watch: PollSandbox) -> None:
    watch.put(date(2023, 2, 19))
    watch.put(DAY)
    watch.receipts.acquire(date(2023, 2, 19), "other", NIGHT, NIGHT + LEASE)
    assert watch.poll() == [20]


def test_the_day_is_berlins(watch: PollSandbox) -> None:
    watch.put(DAY)
    assert watch.poll(datetime(2023, 2, 20, 22, 59, tzinfo=UTC)) == []
    assert watch.poll(datetime(2023, 2, 20, 23, 0, tzinfo=UTC)) == [20]


def test_a_file_missing_at_eight_sends_exactly_one_late_notice(watch: PollSandbox) -> None:
    watch.poll(EIGHT - timedelta(seconds=1))
    assert watch.told == []
    for _ in range(3):
        watch.poll(EIGHT)
    assert watch.told == ["2023-02-20 is late"]


def test_a_late_file_that_arrives_sends_one_more_notice(watch: PollSandbox) -> None:
    watch.poll(EIGHT)
    watch.put(DAY)
    assert watch.poll(EIGHT + timedelta(minutes=30)) == [20]
    watch.poll(EIGHT + timedelta(minutes=60))
    assert watch.told == ["2023-02-20 is late", "2023-02-20 is imported after all"]


def test_a_file_that_was_late_and_is_corrected_later_has_recovered_once(watch: PollSandbox) -> None:
    watch.poll(EIGHT)
    watch.put(DAY)
    watch.poll(EIGHT + timedelta(minutes=30))
    watch.put(DAY, csv_of([trade(str(DAY), price=1)]))
    watch.poll(EIGHT + timedelta(minutes=60))
    assert watch.told[1:] == ["2023-02-20 is imported after all", "2023-02-20 changes trades that were booked"]


def test_a_late_newer_version_sends_one_more_notice_when_it_arrives(watch: PollSandbox) -> None:
    watch.put(DAY)
    watch.poll()
    watch.put(DAY, csv_of([trade(str(DAY), price=1)])[:-30])
    watch.poll(EIGHT)
    watch.put(DAY, csv_of([trade(str(DAY), price=1)]))
    watch.poll(EIGHT + timedelta(minutes=30))
    assert watch.told == [
        "2023-02-20 is late",
        "2023-02-20 is imported after all",
        "2023-02-20 changes trades that were booked",
    ]


def test_a_poll_for_another_time_keeps_the_clock_of_leases_and_claims(watch: PollSandbox) -> None:
    watch.notices.down = True
    poll(watch.desk, at=EIGHT + timedelta(days=100))
    watch.notices.down = False
    watch.clock.time += timedelta(minutes=1)
    poll(watch.desk, at=EIGHT + timedelta(days=100))
    assert watch.told == ["2023-05-31 is late"]


def test_a_file_in_time_sends_no_notice(watch: PollSandbox) -> None:
    watch.put(DAY)
    watch.poll()
    watch.poll(EIGHT)
    assert watch.told == []


def test_a_file_still_being_written_at_eight_is_late_with_that_reason(watch: PollSandbox) -> None:
    watch.put(DAY, csv_of([trade("a")])[:-30])
    watch.poll()
    assert watch.told == []
    watch.poll(EIGHT)
    assert watch.told == ["2023-02-20 is late"]
    assert "is there but cannot be used: the file ends inside line 2" in watch.notices.sent[0][1]


def test_a_rejected_file_sends_its_notice_at_once_and_no_late_one(watch: PollSandbox) -> None:
    watch.put(DAY, b"not,a,daily,file\n")
    watch.poll()
    watch.poll(EIGHT)
    assert watch.told == ["2023-02-20 was rejected; nothing of it was booked"]


def test_a_new_book_does_not_begin_with_a_week_of_alarms(watch: PollSandbox) -> None:
    watch.poll(EIGHT)
    watch.poll(EIGHT + timedelta(days=1))
    assert watch.told == ["2023-02-20 is late", "2023-02-21 is late"]


def test_after_a_weekend_switched_off_each_day_has_its_notice(watch: PollSandbox) -> None:
    watch.put(date(2023, 2, 16))
    watch.poll(datetime(2023, 2, 17, 1, tzinfo=UTC))
    watch.poll(EIGHT)
    assert watch.told == [f"2023-02-{day} is late" for day in (17, 18, 19, 20)]


def test_a_notice_that_could_not_be_sent_is_sent_by_a_later_poll(watch: PollSandbox) -> None:
    watch.notices.down = True
    assert poll(watch.desk).unsent == 0
    watch.clock.time = EIGHT
    assert poll(watch.desk).unsent == 1
    watch.notices.down = False
    watch.poll(EIGHT + timedelta(minutes=30))
    watch.poll(EIGHT + timedelta(minutes=60))
    assert watch.told == ["2023-02-20 is late"]


class BrokenBook(FakeBook):
    """Cannot be reached for one file day's trades."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        if revisions[0].trade.id == "2023-02-19":
            message = "gone"
            raise Unavailable(message)
        return super().add(revisions)


def test_a_failing_day_blocks_no_other_and_the_failure_is_reported(watch: PollSandbox) -> None:
    watch.book = BrokenBook()
    for day in (18, 19, 20):
        watch.put(date(2023, 2, day))
    with pytest.raises(Unavailable):
        watch.poll(EIGHT)
    assert set(watch.book.words) == {"2023-02-18", "2023-02-20"}
    assert watch.told == ["2023-02-19 is late"]
    assert "could not be checked or imported" in watch.notices.sent[0][1]


class Killed(BaseException):
    """The process is gone."""


class Deadly(FakeFileStore):
    """Kills the process that reads one of these files."""

    def __init__(self, objects: dict[str, list[bytes]], days: Collection[int], death: type[BaseException]) -> None:
        super().__init__()
        self.objects, self._keys, self._death = objects, {file_name(date(2023, 2, day)) for day in days}, death

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        if key in self._keys:
            raise self._death
        with super().fetch(key, version) as stored:
            yield stored


def dying(watch: PollSandbox, *days: int, at: datetime, death: type[BaseException] = Killed) -> None:
    """Look at this time with files on which the process dies, or their import fails."""
    watch.clock.time = at
    with pytest.raises(death):
        poll(replace(watch.desk, store=Deadly(watch.store.objects, days, death)))


def test_a_process_that_dies_in_the_oldest_file_starves_nothing_else(watch: PollSandbox) -> None:
    for day in (14, 15, 17, 18, 19, 20):
        watch.put(date(2023, 2, day))
    dying(watch, 14, at=EIGHT)
    assert set(watch.book.words) == {"2023-02-20"}
    assert watch.told == ["2023-02-16 is late"]
    dying(watch, 14, at=EIGHT + INTERVAL)
    assert set(watch.book.words) == {f"2023-02-{day}" for day in (15, 17, 18, 19, 20)}
    assert "2023-02-14 is late" in watch.told
    dying(watch, 14, at=EIGHT + 2 * INTERVAL)
    assert watch.told.count("2023-02-14 is late") == 1
    [words] = [body for subject, body in watch.notices.sent if "02-14 is late" in subject]
    assert "is there but not imported" in words
    assert watch.poll(EIGHT + 3 * INTERVAL) == [14]
    assert watch.told[-1] == "2023-02-14 is imported after all"


def test_a_file_that_always_crashes_the_process_does_not_block_others(watch: PollSandbox) -> None:
    for day in (18, 19, 20):
        watch.put(date(2023, 2, day))
    dying(watch, 20, at=NIGHT)
    assert watch.book.words == {}
    dying(watch, 20, at=NIGHT + INTERVAL)
    assert set(watch.book.words) == {"2023-02-18", "2023-02-19"}


def test_two_deadly_files_cost_a_poll_each_and_no_more(watch: PollSandbox) -> None:
    for day in (14, 17, 19, 20):
        watch.put(date(2023, 2, day))
    for number in range(3):
        dying(watch, 14, 20, at=NIGHT + number * INTERVAL)
    assert set(watch.book.words) == {"2023-02-17", "2023-02-19"}


def test_a_file_seen_before_eight_and_not_imported_at_eight_is_late(watch: PollSandbox) -> None:
    watch.put(DAY)
    dying(watch, 20, at=EIGHT - INTERVAL)
    assert watch.told == []
    dying(watch, 20, at=EIGHT)
    assert watch.told == ["2023-02-20 is late"]


def test_a_file_found_by_a_poll_after_eight_is_imported_without_notice(watch: PollSandbox) -> None:
    watch.put(DAY)
    assert watch.poll(EIGHT + timedelta(hours=2)) == [20]
    assert watch.told == []


def test_a_file_whose_import_fails_is_late_at_once(watch: PollSandbox) -> None:
    watch.put(DAY)
    dying(watch, 20, at=EIGHT - INTERVAL, death=RuntimeError)
    assert watch.told == []
    dying(watch, 20, at=EIGHT, death=RuntimeError)
    assert watch.told == ["2023-02-20 is late"]


def test_a_newer_version_that_is_not_imported_is_late_at_the_next_poll(watch: PollSandbox) -> None:
    watch.put(DAY)
    watch.poll()
    watch.put(DAY, csv_of([trade(str(DAY), price=1)]))
    dying(watch, 20, at=EIGHT)
    assert watch.told == []
    dying(watch, 20, at=EIGHT + INTERVAL)
    assert watch.told == ["2023-02-20 is late"]


@pytest.mark.parametrize("then", [b"not,a,daily,file\n", csv_of([trade("a")])[:-30]])
def test_a_rejected_day_gets_no_late_notice(watch: PollSandbox, then: bytes) -> None:
    watch.put(DAY, b"not,a,daily,file\n")
    watch.poll()
    watch.put(DAY, then)
    watch.poll(EIGHT)
    watch.poll(EIGHT + INTERVAL)
    assert watch.told == ["2023-02-20 was rejected; nothing of it was booked"]


def test_a_held_day_gets_no_late_notice(watch: PollSandbox) -> None:
    watch.put(DAY, csv_of([trade(str(number)) for number in range(20)]))
    watch.poll()
    watch.put(DAY, csv_of([trade("0")]))
    watch.poll(NIGHT + INTERVAL)
    watch.put(DAY, csv_of([trade("0")])[:-30])
    watch.poll(EIGHT)
    assert watch.told == ["2023-02-20 is held until somebody accepts it; nothing of it was booked"]


def test_no_file_is_begun_without_time_for_it(watch: PollSandbox) -> None:
    for day in (18, 19, 20):
        watch.put(date(2023, 2, day))
    asked = iter([TIME_FOR_A_FILE] * 2)  # before a file is begun, and after its rows
    hasty = replace(watch.desk, time_left=lambda: next(asked, TIME_FOR_A_FILE - timedelta(seconds=1)))
    assert [receipt.file_day.day for receipt in poll(hasty).imported] == [20]
    assert watch.poll(NIGHT + INTERVAL) == [18, 19]


def test_late_notices_are_sent_before_a_file_is_begun(watch: PollSandbox) -> None:
    watch.put(date(2023, 2, 19))
    dying(watch, 19, at=EIGHT)
    assert watch.told == ["2023-02-20 is late"]


def test_a_notice_that_cannot_be_sent_keeps_no_file_from_the_book(
    watch: PollSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_subject: str, _body: str) -> None:
        raise RuntimeError("a defect")

    watch.put(date(2023, 2, 19))
    monkeypatch.setattr(watch.notices, "publish", broken)
    watch.clock.time = EIGHT
    with pytest.raises(RuntimeError):
        poll(watch.desk)
    assert set(watch.book.words) == {"2023-02-19"}


def test_two_polls_at_once_do_not_call_each_other_s_file_late(watch: PollSandbox) -> None:
    watch.put(DAY)
    watch.receipts.store_seen(DAY, "1", EIGHT)
    assert watch.poll(EIGHT) == [20]
    assert watch.told == []


NEAR = "EPEX_trades_20230220 (1).CSV"


def test_the_late_notice_names_what_is_nearly_the_files_name(watch: PollSandbox) -> None:
    for name in (NEAR, "epex_trades_20230220.csv.gz", "epex_trades_2023-02-19.csv", "notes.txt", "\x1b.csv"):
        watch.store.put(name, io.BytesIO(b"x"))
    watch.poll(EIGHT)
    [(_, body)] = watch.notices.sent
    assert (
        f"The bucket holds {NEAR}, epex_trades_20230220.csv.gz: only epex_trades_20230220.csv is imported. "
        "If this is the file, store it under that name."
    ) in body


def test_a_bucket_that_cannot_be_listed_keeps_no_late_notice_back(
    watch: PollSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Iterator[ListedFile]:
        raise Unavailable("no answer")

    monkeypatch.setattr(watch.store, "listed", broken)
    watch.clock.time = EIGHT
    with pytest.raises(Unavailable):
        poll(watch.desk)
    assert watch.told == ["2023-02-20 is late"]


def test_late_notices_can_be_sent_without_importing(watch: PollSandbox) -> None:
    watch.put(date(2023, 2, 19))
    watch.clock.time = EIGHT
    assert [scan.late for scan in notify_late(watch.desk).of_feeds] == [{DAY}]
    assert watch.told == ["2023-02-20 is late"]
    assert watch.book.words == {}


def test_an_arrival_is_imported_once_however_often_its_event_comes(watch: PollSandbox) -> None:
    watch.put(DAY)
    first = arrived("epex_trades_20230220.csv", watch.desk)
    assert isinstance(first, Receipt)
    assert first.booked == 1
    assert arrived("epex_trades_20230220.csv", watch.desk) == "this file is imported already"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("epex_trades_20230220.csv.exe", "not the name of a daily file"),
        ("other/epex_trades_20230220.csv", "not the name of a daily file"),
        ("epex_trades_20230230.csv", "not the name of a daily file"),
        ("epex_trades_20230220.csv", "the file is gone again"),
        (NEAR, "not the name of a daily file; expected epex_trades_20230220.csv"),
    ],
)
def test_an_arrival_of_another_object_is_ignored_with_a_reason(watch: PollSandbox, key: str, reason: str) -> None:
    assert reason in str(arrived(key, watch.desk))


def test_an_arrival_while_another_run_is_at_it_is_tried_again_later(watch: PollSandbox) -> None:
    watch.put(DAY)
    watch.receipts.acquire(DAY, "other", NIGHT, NIGHT + LEASE)
    with pytest.raises(ImportUnderWay):
        arrived("epex_trades_20230220.csv", watch.desk)
