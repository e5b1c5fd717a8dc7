"""A look at the bucket: what is there is imported, what is late is told, each once."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.daily_file import file_name
from chalicelib.domain.errors import ImportUnderWay, Unavailable
from chalicelib.domain.receipt import Receipt
from chalicelib.domain.revision import Revision
from chalicelib.services.desk import LEASE, Desk
from chalicelib.services.watching import arrived, look
from tests.fakes import FakeBook, FakeClock, FakeFileStore, FakeNotices, FakeReceipts, desk_of
from tests.services.test_importing import csv_of
from tests.trades import trade

NIGHT = datetime(2023, 2, 21, 0, 30, tzinfo=UTC)
EIGHT = datetime(2023, 2, 21, 7, tzinfo=UTC)
DAY = date(2023, 2, 20)


@dataclass
class Watch:
    """A desk of fakes at a time that a test sets."""

    store: FakeFileStore = field(default_factory=FakeFileStore)
    receipts: FakeReceipts = field(default_factory=FakeReceipts)
    book: FakeBook = field(default_factory=FakeBook)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NIGHT))
    notices: FakeNotices = field(default_factory=FakeNotices)

    @property
    def desk(self) -> Desk:
        return desk_of(self.store, self.receipts, self.book, self.clock, notices=self.notices)

    def put(self, file_day: date, content: bytes | None = None) -> None:
        good = csv_of([trade(str(file_day), execution_time=f"{file_day}T10:00:00Z")])
        self.store.put(file_name(file_day), io.BytesIO(good if content is None else content))

    def look(self, at: datetime | None = None) -> list[int]:
        self.clock.time = at or self.clock.time
        return [receipt.file_day.day for receipt in look(self.desk).imported]

    @property
    def told(self) -> list[str]:
        return [subject.removeprefix("Voltbook: the daily file of ") for subject, _ in self.notices.sent]


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_a_look_imports_yesterday_and_what_was_missed_in_the_week_before_oldest_first(watch: Watch) -> None:
    for day in (14, 20, 18, 13, 21):
        watch.put(date(2023, 2, day))
    assert watch.look() == [14, 18, 20]
    assert watch.look() == []


def test_a_look_leaves_a_run_under_way_alone_and_goes_on(watch: Watch) -> None:
    watch.put(date(2023, 2, 19))
    watch.put(DAY)
    watch.receipts.begin(date(2023, 2, 19), "other", NIGHT, NIGHT + LEASE)
    assert watch.look() == [20]


def test_the_day_is_berlins(watch: Watch) -> None:
    watch.put(DAY)
    assert watch.look(datetime(2023, 2, 20, 22, 59, tzinfo=UTC)) == []
    assert watch.look(datetime(2023, 2, 20, 23, 0, tzinfo=UTC)) == [20]


def test_a_file_that_is_not_there_at_eight_is_told_late_exactly_once(watch: Watch) -> None:
    watch.look(EIGHT - timedelta(seconds=1))
    assert watch.told == []
    for _ in range(3):
        watch.look(EIGHT)
    assert watch.told == ["2023-02-20 is late"]


def test_a_late_file_that_arrives_is_told_once_more(watch: Watch) -> None:
    watch.look(EIGHT)
    watch.put(DAY)
    assert watch.look(EIGHT + timedelta(minutes=30)) == [20]
    watch.look(EIGHT + timedelta(minutes=60))
    assert watch.told == ["2023-02-20 is late", "2023-02-20 is imported after all"]


def test_a_file_that_was_late_once_and_is_corrected_later_has_recovered_once(watch: Watch) -> None:
    watch.look(EIGHT)
    watch.put(DAY)
    watch.look(EIGHT + timedelta(minutes=30))
    watch.put(DAY, csv_of([trade(str(DAY), price=1)]))
    watch.look(EIGHT + timedelta(minutes=60))
    assert watch.told[1:] == ["2023-02-20 is imported after all", "2023-02-20 changes trades that were booked"]


def test_a_version_that_was_late_after_a_good_one_is_told_once_more_when_it_arrives(watch: Watch) -> None:
    watch.put(DAY)
    watch.look()
    watch.put(DAY, csv_of([trade(str(DAY), price=1)])[:-30])
    watch.look(EIGHT)
    watch.put(DAY, csv_of([trade(str(DAY), price=1)]))
    watch.look(EIGHT + timedelta(minutes=30))
    assert watch.told == [
        "2023-02-20 is late",
        "2023-02-20 is imported after all",
        "2023-02-20 changes trades that were booked",
    ]


def test_a_look_as_at_another_time_leaves_the_clock_of_leases_and_claims_alone(watch: Watch) -> None:
    watch.notices.down = True
    look(watch.desk, at=EIGHT + timedelta(days=100))
    watch.notices.down = False
    watch.clock.time += timedelta(minutes=1)
    look(watch.desk, at=EIGHT + timedelta(days=100))
    assert watch.told == ["2023-05-31 is late"]


def test_a_file_in_time_is_told_to_nobody(watch: Watch) -> None:
    watch.put(DAY)
    watch.look()
    watch.look(EIGHT)
    assert watch.told == []


def test_a_file_still_being_written_at_eight_is_late_with_that_reason(watch: Watch) -> None:
    watch.put(DAY, csv_of([trade("a")])[:-30])
    watch.look()
    assert watch.told == []
    watch.look(EIGHT)
    assert watch.told == ["2023-02-20 is late"]
    assert "is there but cannot be used: the file ends inside line 2" in watch.notices.sent[0][1]


def test_a_rejected_file_is_told_at_once_and_not_as_late_again(watch: Watch) -> None:
    watch.put(DAY, b"not,a,daily,file\n")
    watch.look()
    watch.look(EIGHT)
    assert watch.told == ["2023-02-20 was rejected; nothing of it was booked"]


def test_a_new_book_does_not_begin_with_a_week_of_alarms(watch: Watch) -> None:
    watch.look(EIGHT)
    watch.look(EIGHT + timedelta(days=1))
    assert watch.told == ["2023-02-20 is late", "2023-02-21 is late"]


def test_a_book_that_was_switched_off_over_a_weekend_tells_of_each_day(watch: Watch) -> None:
    watch.put(date(2023, 2, 16))
    watch.look(datetime(2023, 2, 17, 1, tzinfo=UTC))
    watch.look(EIGHT)
    assert watch.told == [f"2023-02-{day} is late" for day in (17, 18, 19, 20)]


def test_a_notice_that_could_not_be_sent_is_sent_by_a_later_look(watch: Watch) -> None:
    watch.notices.down = True
    assert look(watch.desk).unsent == 0
    watch.clock.time = EIGHT
    assert look(watch.desk).unsent == 1
    watch.notices.down = False
    watch.look(EIGHT + timedelta(minutes=30))
    watch.look(EIGHT + timedelta(minutes=60))
    assert watch.told == ["2023-02-20 is late"]


class BrokenBook(FakeBook):
    """Cannot be reached for one file day's trades."""

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        if revisions[0].trade.id == "2023-02-19":
            message = "gone"
            raise Unavailable(message)
        return super().add(revisions)


def test_a_day_that_fails_keeps_no_other_from_being_looked_at_and_the_failure_is_told(watch: Watch) -> None:
    watch.book = BrokenBook()
    for day in (18, 19, 20):
        watch.put(date(2023, 2, day))
    with pytest.raises(Unavailable):
        watch.look(EIGHT)
    assert set(watch.book.words) == {"2023-02-18", "2023-02-20"}
    assert watch.told == []


def test_an_arrival_is_imported_once_however_often_it_is_told(watch: Watch) -> None:
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
    ],
)
def test_an_arrival_that_is_none_of_ours_is_ignored_with_a_reason(watch: Watch, key: str, reason: str) -> None:
    assert reason in str(arrived(key, watch.desk))


def test_an_arrival_while_another_run_is_at_it_is_tried_again_later(watch: Watch) -> None:
    watch.put(DAY)
    watch.receipts.begin(DAY, "other", NIGHT, NIGHT + LEASE)
    with pytest.raises(ImportUnderWay):
        arrived("epex_trades_20230220.csv", watch.desk)
