"""Importing a file while others may do the same: whoever does it, the numbers are those of this file's rows."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest

from chalicelib.common.errors import ImportUnderWay, InvalidRequest
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.context import ImportContext
from chalicelib.imports.service import import_daily_file, silent
from chalicelib.imports.waiting import PATIENCE_SECONDS
from chalicelib.trades.model import FIELDS
from cli.client.file_import import import_file
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.imports import fake_import_context
from tests.fakes.trades import FakeBook
from tests.fixtures.trades import fields

DAY = date(2023, 2, 20)
KEY = file_name(DAY)


def content(rows: int, price: int = 5000, *bad: str) -> bytes:
    lines = [",".join(FIELDS)]
    for n in range(rows):
        values = fields(id=f"t{n}", price=price, delivery_hour=n % 24)
        lines.append(",".join(str(values[name]) for name in FIELDS))
    return "\n".join([*lines, *bad, ""]).encode()


@dataclass
class Stage:
    """A stage in memory, and what happens there while the command sleeps."""

    store: FakeFileStore = field(default_factory=FakeFileStore)
    receipts: FakeReceipts = field(default_factory=FakeReceipts)
    book: FakeBook = field(default_factory=FakeBook)
    clock: FakeClock = field(default_factory=FakeClock)
    slept: list[float] = field(default_factory=list)

    def desk(self, owner: str = "command") -> ImportContext:
        return fake_import_context(self.store, self.receipts, self.book, self.clock, owner)

    def event(self) -> Receipt:
        """What the stage does by itself when a file arrives."""
        return import_daily_file(DAY, self.desk("event"))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.time += timedelta(seconds=seconds)

    def import_file(self, path: Path) -> Receipt:
        return import_file(path, self.desk(), silent, None, self.sleep)


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def daily_file(tmp_path: Path) -> Path:
    path = tmp_path / KEY
    path.write_bytes(content(30))
    return path


def counts(receipt: Receipt) -> tuple[int, int, int, int]:
    return (receipt.booked, receipt.already_there, receipt.corrected, receipt.quarantined)


def test_first_all_booked_then_all_already_there(stage: Stage, daily_file: Path) -> None:
    assert counts(stage.import_file(daily_file)) == (30, 0, 0, 0)
    assert counts(stage.import_file(daily_file)) == (0, 30, 0, 0)
    assert counts(stage.import_file(daily_file)) == (0, 30, 0, 0)


def test_the_same_content_is_stored_once(stage: Stage, daily_file: Path) -> None:
    stage.import_file(daily_file)
    stage.import_file(daily_file)
    assert len(stage.store.objects[KEY]) == 1


def test_it_is_stored_again_where_the_object_was_lost(stage: Stage, daily_file: Path) -> None:
    stage.import_file(daily_file)
    stage.store.objects.clear()
    assert counts(stage.import_file(daily_file)) == (0, 30, 0, 0)
    assert len(stage.store.objects[KEY]) == 1


def test_the_stage_was_quicker_and_all_is_done(stage: Stage, daily_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = stage.store.put
    monkeypatch.setattr(stage.store, "put", lambda key, body: (put(key, body), stage.event())[0])
    assert counts(stage.import_file(daily_file)) == (30, 0, 0, 0)
    assert counts(stage.import_file(daily_file)) == (0, 30, 0, 0)


def test_the_stage_is_at_it_and_finishes_while_the_command_waits(
    stage: Stage, daily_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = stage.receipts.acquire(DAY, "event", stage.clock.now(), stage.desk().until())

    def finished(seconds: float) -> None:
        stage.slept.append(seconds)
        if len(stage.slept) == 3:
            stage.receipts.release(lease)
            stage.event()
            stage.receipts.acquire(DAY, "a look", stage.clock.now(), stage.desk().until())

    receipt = import_file(daily_file, stage.desk(), silent, None, finished)
    assert counts(receipt) == (30, 0, 0, 0)
    assert len(stage.slept) == 3


def test_an_earlier_receipt_of_the_same_content_is_no_answer(stage: Stage, daily_file: Path) -> None:
    for price in (5000, 6000):
        daily_file.write_bytes(content(30, price))
        stage.import_file(daily_file)
    daily_file.write_bytes(content(30, 5000))
    stage.receipts.acquire(DAY, "event", stage.clock.now(), stage.clock.now() + timedelta(seconds=5))
    receipt = stage.import_file(daily_file)
    assert (receipt.version, counts(receipt)) == (3, (0, 0, 30, 0))


def test_the_receipt_of_a_run_that_has_not_ended_is_no_answer(stage: Stage, daily_file: Path) -> None:
    until = stage.clock.now() + timedelta(seconds=5)
    lease = stage.receipts.acquire(DAY, "event", stage.clock.now(), until)
    digest = hashlib.sha256(daily_file.read_bytes()).hexdigest()
    stage.receipts.save(lease, Receipt(DAY, 1, FileState.IMPORTING, KEY, digest, "1"), until)
    receipt = stage.import_file(daily_file)
    assert (receipt.state, counts(receipt)) == (FileState.IMPORTED, (30, 0, 0, 0))


def test_a_run_that_died_leaves_its_lease_and_the_command_takes_over(stage: Stage, daily_file: Path) -> None:
    stage.receipts.acquire(DAY, "event", stage.clock.now(), stage.desk().until())
    assert counts(stage.import_file(daily_file)) == (30, 0, 0, 0)
    assert 120 <= sum(stage.slept) <= PATIENCE_SECONDS


def test_a_repeat_waits_for_its_own_count_while_the_stage_reads_the_file(stage: Stage, daily_file: Path) -> None:
    stage.import_file(daily_file)
    stage.receipts.acquire(DAY, "a look", stage.clock.now(), stage.clock.now() + timedelta(seconds=5))
    assert counts(stage.import_file(daily_file)) == (0, 30, 0, 0)
    assert sum(stage.slept) >= 5


def test_waiting_ends(stage: Stage, daily_file: Path) -> None:
    stage.receipts.acquire(DAY, "event", stage.clock.now(), stage.clock.now() + timedelta(days=1))
    with pytest.raises(ImportUnderWay, match="importing it again later is safe"):
        stage.import_file(daily_file)
    assert sum(stage.slept) == pytest.approx(PATIENCE_SECONDS, abs=4)


def test_newer_content_corrects_and_is_a_first_time_of_its_own(stage: Stage, daily_file: Path) -> None:
    stage.import_file(daily_file)
    daily_file.write_bytes(content(30, 6000))
    assert counts(stage.import_file(daily_file)) == (0, 0, 30, 0)
    assert counts(stage.import_file(daily_file)) == (0, 30, 0, 0)


def test_older_content_sent_again_is_the_newest_word(stage: Stage, daily_file: Path) -> None:
    for price in (5000, 6000):
        daily_file.write_bytes(content(30, price))
        stage.import_file(daily_file)
    daily_file.write_bytes(content(30, 5000))
    receipt = stage.import_file(daily_file)
    assert (receipt.version, counts(receipt)) == (3, (0, 0, 30, 0))


def test_a_run_that_died_midway_is_finished_and_counted_whole(stage: Stage, daily_file: Path) -> None:
    stage.import_file(daily_file)
    (done,) = stage.receipts.versions(DAY)
    half = replace(done, state=FileState.IMPORTING, booked=0, progress=0, imported_at=None)
    stage.receipts.days[DAY].keep(half)
    assert counts(stage.import_file(daily_file)) == (30, 0, 0, 0)


def test_bad_rows_are_counted_each_time(stage: Stage, daily_file: Path) -> None:
    daily_file.write_bytes(content(30, 5000, "not a row"))
    first, again = stage.import_file(daily_file), stage.import_file(daily_file)
    assert (first.state, counts(first)) == (FileState.PROVISIONAL, (30, 0, 0, 1))
    assert (again.state, counts(again)) == (FileState.PROVISIONAL, (0, 30, 0, 1))


def test_a_rejected_file_stays_rejected(stage: Stage, daily_file: Path) -> None:
    daily_file.write_bytes(b"no,header\n")
    for _ in range(2):
        receipt = stage.import_file(daily_file)
        assert receipt.state is FileState.REJECTED
        assert receipt.sha256 == hashlib.sha256(b"no,header\n").hexdigest()
    assert len(stage.store.objects[KEY]) == 2, "stored again, so that it is read again"


def test_the_exchange_spoke_meanwhile(stage: Stage, daily_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = stage.store.put

    def overtaken(key: str, body: object) -> str:
        version = put(key, body)  # type: ignore[arg-type]  # handed through
        stage.store.objects[key].append(content(2, 7000))
        return version

    monkeypatch.setattr(stage.store, "put", overtaken)
    with pytest.raises(InvalidRequest, match="a newer version"):
        stage.import_file(daily_file)


def test_it_is_counted_also_where_another_version_came_before_it(
    stage: Stage, daily_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = stage.store.put

    def second(key: str, body: BinaryIO) -> str:
        put(key, BytesIO(content(30, 6000)))
        stage.event()
        version = put(key, body)
        stage.event()
        return version

    monkeypatch.setattr(stage.store, "put", second)
    receipt = stage.import_file(daily_file)
    assert (receipt.version, counts(receipt)) == (2, (0, 0, 30, 0))


def test_the_name_says_which_day(stage: Stage, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="epex_trades_YYYYMMDD"):
        stage.import_file(tmp_path / "trades.csv")
