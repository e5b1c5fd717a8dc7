"""Things in the wrong order: overtaken versions, runs that slept too long, and files that disagree."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.common.errors import ImportUnderWay, InvalidRequest, NotFound, Unavailable
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.feeds.store import StoredFile
from chalicelib.imports import confirmation
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.context import LEASE
from chalicelib.imports.polling import arrived, poll
from chalicelib.imports.service import import_daily_file
from chalicelib.reports.completeness import State, completeness
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import Revision
from tests.fakes.feeds import FakeFileStore
from tests.fakes.trades import FakeBook
from tests.fixtures.daily_files import KEY, csv_of, day_of
from tests.fixtures.deadlines import late_from
from tests.fixtures.import_sandbox import ImportSandbox
from tests.fixtures.trades import FILE_DAY, SAID_AT, from_file, posted, trade

NEXT_DAY = FILE_DAY + timedelta(days=1)
CORRECTED = [trade("0", price=777), *day_of(20)[1:]]


@pytest.fixture
def sandbox() -> ImportSandbox:
    return ImportSandbox()


def kinds(sandbox: ImportSandbox) -> list[str]:
    return sorted(notice.kind.value for notice in sandbox.receipts.outbox.notices.values())


def half_imported(sandbox: ImportSandbox, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Book a first window of this content and run out of time."""
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", 10)
    sandbox.time_left = timedelta(seconds=1)
    assert sandbox.deliver(content).state is FileState.IMPORTING
    sandbox.time_left = timedelta.max


def put(sandbox: ImportSandbox, content: bytes) -> None:
    sandbox.store.put(KEY, io.BytesIO(content))


def sharing(sandbox: ImportSandbox, other: FakeBook) -> FakeBook:
    """Let another book write on the same pages."""
    other.words, other.held = sandbox.book.words, sandbox.book.held
    return other


class TestAVersionThatWasOvertakenHalfway:
    """It is ended first: so nothing of it is forgotten, whatever the next one says."""

    def test_trades_missing_from_the_next_version_are_listed(
        self, sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        half_imported(sandbox, csv_of(day_of(20)), monkeypatch)
        assert sandbox.deliver(csv_of(day_of(20)[1:])).withdrawn == 1

    def test_the_same_bytes_as_a_newer_object_are_compared_and_change_nothing(
        self, sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        half_imported(sandbox, csv_of(day_of(20)), monkeypatch)
        again = sandbox.deliver(csv_of(day_of(20)))
        assert (again.version, again.booked, again.already_there) == (1, 0, 20)
        [kept] = sandbox.receipts.versions(FILE_DAY)
        assert (kept.booked, kept.object_version) == (20, "2")

    def test_corrections_are_reported(self, sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        sandbox.deliver(csv_of(day_of(20)))
        half_imported(sandbox, csv_of(CORRECTED), monkeypatch)
        sandbox.deliver(csv_of([*CORRECTED, trade("new")]))
        assert kinds(sandbox) == ["corrected", "corrected"]
        assert [receipt.state for receipt in sandbox.receipts.versions(FILE_DAY)] == [FileState.IMPORTED] * 3

    def test_where_time_runs_out_again_the_next_one_waits(
        self, sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        half_imported(sandbox, csv_of(day_of(30)), monkeypatch)
        sandbox.time_left = timedelta(seconds=1)
        receipt = sandbox.deliver(csv_of(CORRECTED))
        assert (receipt.version, receipt.state) == (1, FileState.IMPORTING)
        assert [one.version for one in sandbox.receipts.versions(FILE_DAY)] == [1]

    @pytest.mark.parametrize("garbage", [b"x,y\n", csv_of(day_of(20))[:-30]])
    def test_a_bad_newer_version_does_not_leave_the_day_half_imported(
        self, sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch, garbage: bytes
    ) -> None:
        half_imported(sandbox, csv_of(day_of(20)), monkeypatch)
        sandbox.deliver(garbage)
        sandbox.assert_holds(day_of(20))

    def test_where_its_object_is_gone_the_next_one_is_imported_and_says_so(
        self, sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        half_imported(sandbox, csv_of(day_of(20)), monkeypatch)
        held = sandbox.receipts.days[FILE_DAY]
        held.keep(replace(held.receipts[1], object_version="9"))
        receipt = sandbox.deliver(csv_of([*day_of(20), trade("new")]))
        assert (receipt.state, receipt.booked, receipt.already_there) == (FileState.IMPORTED, 11, 10)
        assert "nobody can tell which other trades are missing" in str(receipt.reason)


class SlowStore(FakeFileStore):
    """While a version is fetched, a newer one arrives and another run tries to import it."""

    def __init__(self, sandbox: ImportSandbox, newer: bytes) -> None:
        super().__init__()
        self.objects, self._sandbox, self._newer = sandbox.store.objects, sandbox, newer

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        with super().fetch(key, version) as stored:
            if len(self.objects[key]) == 1:
                put(self._sandbox, self._newer)
                with suppress(ImportUnderWay):
                    import_daily_file(FILE_DAY, replace(self._sandbox.context(), owner="quick"))
            yield stored


def test_a_slow_run_never_imports_an_older_version_over_a_newer_one(sandbox: ImportSandbox) -> None:
    put(sandbox, csv_of(day_of(20)))
    arrived(KEY, replace(sandbox.context(), store=SlowStore(sandbox, csv_of(CORRECTED)), owner="slow"))
    import_daily_file(FILE_DAY, sandbox.context())
    sandbox.assert_holds(CORRECTED)
    assert kinds(sandbox) == ["corrected"]


def test_a_held_version_overtaken_during_its_confirmation_is_not_imported(
    sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(2)))

    def overtaken(file_day: date, *args: object, **kwargs: object) -> Receipt:
        sandbox.deliver(csv_of([*day_of(10), trade("new")]))
        return import_daily_file(file_day, *args, **kwargs)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(confirmation, "import_daily_file", overtaken)
    with pytest.raises(InvalidRequest, match="not the newest any more"):
        confirm_withdrawn(FILE_DAY, "anna", sandbox.context(), version=2)
    sandbox.assert_holds([*day_of(10), trade("new")])


def test_confirming_before_an_import_confirms_nothing_of_later_versions(
    sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, unread = sandbox.receipts.newest, [csv_of(day_of(9)), csv_of(day_of(10))]

    def slow(file_days: Collection[date]) -> Mapping[date, Receipt]:
        found = newest(file_days)
        if len(unread) == 2:
            sandbox.deliver(unread.pop())
            sandbox.deliver(unread.pop())
        return found

    monkeypatch.setattr(sandbox.receipts, "newest", slow)
    with pytest.raises(NotFound):
        confirm_withdrawn(FILE_DAY, "anna", sandbox.context())
    sandbox.assert_holds(day_of(10))


class Sleeper(FakeBook):
    """Sleeps through its lease at the first call of one kind, while others go on."""

    def __init__(self, sandbox: ImportSandbox, at: str) -> None:
        super().__init__()
        sharing(sandbox, self)
        self._sandbox, self._at = sandbox, at

    def add(self, revisions: Sequence[Revision]) -> Mapping[str, Revision]:
        self._sleep("add")
        return super().add(revisions)

    def find_many(self, trade_ids: Collection[str]) -> Mapping[str, Revision]:
        self._sleep("find_many")
        return super().find_many(trade_ids)

    def _sleep(self, at: str) -> None:
        if at == self._at:
            self._at = ""
            self._sandbox.clock.time += LEASE
            self.meanwhile()

    def meanwhile(self) -> None:
        raise NotImplementedError


def test_a_stale_run_does_not_reinstate_trades_withdrawn_meanwhile(sandbox: ImportSandbox) -> None:
    class Zombie(Sleeper):
        def meanwhile(self) -> None:
            awake = replace(sandbox.context(), owner="awake")
            import_daily_file(FILE_DAY, awake)
            put(sandbox, csv_of(day_of(9)))
            import_daily_file(FILE_DAY, awake)
            confirm_withdrawn(FILE_DAY, "anna", awake)

    put(sandbox, csv_of(day_of(10)))
    with pytest.raises(ImportUnderWay):
        import_daily_file(FILE_DAY, replace(sandbox.context(Zombie(sandbox, "add")), owner="zombie"))
    sandbox.assert_positions(day_of(9))


def test_a_stale_confirmation_withdraws_no_trade_of_a_newer_version(sandbox: ImportSandbox) -> None:
    class Zombie(Sleeper):
        def meanwhile(self) -> None:
            put(sandbox, csv_of([*day_of(10), trade("new")]))
            import_daily_file(FILE_DAY, replace(sandbox.context(), owner="awake"))

    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9)))
    with pytest.raises(ImportUnderWay):
        confirm_withdrawn(FILE_DAY, "anna", replace(sandbox.context(Zombie(sandbox, "find_many")), owner="zombie"))
    sandbox.assert_holds([*day_of(10), trade("new")])


def next_day(count: int) -> list[Trade]:
    """Trades that were executed on the next day."""
    return [trade(f"n{number}", execution_time="2023-02-21T10:00:00Z") for number in range(count)]


def test_another_day_s_file_changes_no_trade_whose_own_file_is_there(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.store.put(file_name(NEXT_DAY), io.BytesIO(csv_of([trade("0", price=777), *next_day(1)])))
    receipt = import_daily_file(NEXT_DAY, sandbox.context())
    assert (receipt.booked, receipt.already_there, receipt.corrected) == (1, 1, 0)
    assert receipt.warnings == ("1 row has other terms than the file that leads, which stay: line 2",)
    [change] = sandbox.receipts.changes(NEXT_DAY, 1)
    assert (change.kind, change.effects) == (ChangeKind.STALE, {})
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.assert_positions([*day_of(10), *next_day(1)])


@pytest.mark.parametrize("days", [(FILE_DAY, NEXT_DAY), (NEXT_DAY, FILE_DAY)])
def test_of_two_days_files_the_trade_s_own_leads_in_any_order(sandbox: ImportSandbox, days: tuple[date, date]) -> None:
    said = {FILE_DAY: trade("0", price=1), NEXT_DAY: trade("0", price=2)}
    for day in days:
        sandbox.store.put(file_name(day), io.BytesIO(csv_of([said[day], *(next_day(2) if day == NEXT_DAY else [])])))
        assert import_daily_file(day, sandbox.context()).accounted_for
    sandbox.assert_holds([said[FILE_DAY], *next_day(2)])


@pytest.mark.parametrize("said_first", ["in a post", "in its own file"])
def test_only_its_own_file_corrects_a_trade_that_another_day_s_file_has(
    sandbox: ImportSandbox, said_first: str
) -> None:
    if said_first == "in a post":
        sandbox.book.add([posted(day_of(1)[0])])
    else:
        sandbox.deliver(csv_of(day_of(20)))
    sandbox.store.put(file_name(NEXT_DAY), io.BytesIO(csv_of([*day_of(1), *next_day(9)])))
    assert import_daily_file(NEXT_DAY, sandbox.context()).already_there == 1
    sandbox.deliver(csv_of([trade("0", price=777), *day_of(20)[1:]]))
    sandbox.assert_positions([trade("0", price=777), *day_of(20)[1:], *next_day(9)])
    assert sandbox.deliver(csv_of(day_of(20)[1:])).withdrawn == 0
    sandbox.assert_positions([trade("0", price=777), *day_of(20)[1:], *next_day(9)])


def test_a_file_may_correct_and_withdraw_a_posted_trade_it_also_holds(sandbox: ImportSandbox) -> None:
    sandbox.book.add([posted(day_of(1)[0])])
    sandbox.deliver(csv_of(day_of(20)))
    assert sandbox.deliver(csv_of([trade("0", price=777), *day_of(20)[1:]])).corrected == 1
    assert sandbox.deliver(csv_of(day_of(20)[1:])).withdrawn == 1


class Hasty(FakeBook):
    """Another run corrects a trade just before it is noted that a file says the same."""

    def note(self, changes: Sequence[tuple[Revision, Revision]]) -> Mapping[str, Revision]:
        first = self.words["0"]
        if len(first) == 1:
            other = from_file(trade("0", price=777), file_day=FILE_DAY - timedelta(days=1)).source
            self.correct(first[0], first[0].next(trade("0", price=777), other, SAID_AT))
        return super().note(changes)


def test_a_trade_that_another_run_corrects_before_its_note_is_restored(sandbox: ImportSandbox) -> None:
    sandbox.book.add([posted(one) for one in day_of(20)])
    sandbox.store.put(KEY, io.BytesIO(csv_of(day_of(20))))
    receipt = sandbox.run(sharing(sandbox, Hasty()))
    assert (receipt.corrected, receipt.already_there) == (1, 19)
    sandbox.assert_holds(day_of(20))


def test_no_late_notice_while_another_run_reads_the_file(sandbox: ImportSandbox) -> None:
    sandbox.clock.time = late_from(FILE_DAY)
    put(sandbox, csv_of(day_of(5)))
    now = sandbox.clock.now()
    sandbox.receipts.acquire(FILE_DAY, "event", now, now + LEASE)
    poll(sandbox.context())
    assert kinds(sandbox) == []


class DownFor(FakeFileStore):
    """Does not answer for one file, with this error."""

    def __init__(self, sandbox: ImportSandbox, key: str, error: Exception) -> None:
        super().__init__()
        self.objects, self._key, self._error = sandbox.store.objects, key, error

    def newest_version(self, key: str) -> str | None:
        if key == self._key:
            raise self._error
        return super().newest_version(key)


def test_no_late_notice_when_the_bucket_could_not_be_read(sandbox: ImportSandbox) -> None:
    sandbox.clock.time = late_from(FILE_DAY)
    put(sandbox, csv_of(day_of(5)))
    with pytest.raises(Unavailable):
        poll(replace(sandbox.context(), store=DownFor(sandbox, KEY, Unavailable("gone"))))
    assert kinds(sandbox) == []


def test_a_late_notice_says_when_the_file_could_not_be_read(sandbox: ImportSandbox) -> None:
    sandbox.clock.time = late_from(FILE_DAY) + timedelta(minutes=30)
    put(sandbox, csv_of(day_of(5)))
    with pytest.raises(RuntimeError):
        poll(replace(sandbox.context(), store=DownFor(sandbox, KEY, RuntimeError("access denied"))))
    assert kinds(sandbox) == ["late"]
    assert "could not be checked or imported" in sandbox.notices.sent[0][1]


def test_a_defect_of_one_day_keeps_no_other_from_the_book_and_is_raised(sandbox: ImportSandbox) -> None:
    sandbox.clock.time = late_from(FILE_DAY)
    put(sandbox, csv_of(day_of(5)))
    poisoned = file_name(FILE_DAY - timedelta(days=3))
    with pytest.raises(RuntimeError, match="a defect"):
        poll(replace(sandbox.context(), store=DownFor(sandbox, poisoned, RuntimeError("a defect"))))
    sandbox.assert_holds(day_of(5))


def test_withdrawals_that_nobody_confirmed_make_a_day_provisional(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(9)))
    newest = sandbox.receipts.newest([FILE_DAY])[FILE_DAY]
    eve = replace(newest, file_day=FILE_DAY - timedelta(days=1), withdrawn=0)
    receipts = {newest.file_day: newest, eve.file_day: eve}
    assert completeness(FILE_DAY, receipts, sandbox.clock.now()).state is State.PROVISIONAL
    confirm_withdrawn(FILE_DAY, "anna", sandbox.context())
    receipts[FILE_DAY] = sandbox.receipts.newest([FILE_DAY])[FILE_DAY]
    assert completeness(FILE_DAY, receipts, sandbox.clock.now()).state is State.CORRECTED


def test_a_correction_that_stays_truncated_is_reported_after_eight(sandbox: ImportSandbox) -> None:
    sandbox.clock.time = late_from(FILE_DAY) - timedelta(hours=1)
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(csv_of(day_of(10))[:-30])
    poll(sandbox.context())
    assert kinds(sandbox) == []
    sandbox.clock.time = late_from(FILE_DAY)
    poll(sandbox.context())
    assert kinds(sandbox) == ["late"]


def test_a_good_file_after_a_rejected_one_sends_a_notice(sandbox: ImportSandbox) -> None:
    sandbox.deliver(b"x,y\n")
    sandbox.deliver(csv_of(day_of(10)))
    assert kinds(sandbox) == ["recovered", "rejected"]
    sandbox.deliver(csv_of(day_of(10)))
    assert kinds(sandbox) == ["recovered", "rejected"]


def test_a_good_file_after_a_good_and_a_rejected_one_is_no_recovery(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(10)))
    sandbox.deliver(b"x,y\n")
    sandbox.deliver(csv_of([*day_of(9), trade("9", price=7)]))
    assert kinds(sandbox) == ["corrected", "rejected"]


def test_a_day_older_than_a_week_is_not_left_half_imported(
    sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.clock.time = late_from(FILE_DAY) + timedelta(days=20)
    half_imported(sandbox, csv_of(day_of(20)), monkeypatch)
    poll(sandbox.context())
    sandbox.assert_holds(day_of(20))
    assert sandbox.receipts.open_days() == {}


def test_a_notice_of_an_old_day_is_sent_by_a_later_poll(sandbox: ImportSandbox) -> None:
    sandbox.clock.time = late_from(FILE_DAY) + timedelta(days=20)
    sandbox.notices.down = True
    sandbox.deliver(b"x,y\n")
    poll(sandbox.context())
    assert list(sandbox.receipts.open_days()) == [FILE_DAY, date(2023, 3, 12)]
    sandbox.notices.down = False
    sandbox.clock.time += timedelta(minutes=30)
    poll(sandbox.context())
    assert len(sandbox.notices.sent) == 2
    assert sandbox.receipts.open_days() == {}


def test_a_day_does_not_forget_that_it_was_corrected(sandbox: ImportSandbox) -> None:
    sandbox.deliver(csv_of(day_of(20)))
    sandbox.deliver(csv_of(CORRECTED))
    newest = sandbox.deliver(csv_of([*CORRECTED, trade("new")]))
    eve = replace(newest, file_day=FILE_DAY - timedelta(days=1), changed_before=False)
    receipts = {newest.file_day: newest, eve.file_day: eve}
    assert completeness(FILE_DAY, receipts, sandbox.clock.now()).state is State.CORRECTED


def test_what_is_confirmed_half_imported_is_ended_first(
    sandbox: ImportSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_imported(sandbox, csv_of(day_of(20)), monkeypatch)
    assert confirm_withdrawn(FILE_DAY, "anna", sandbox.context()).booked == 20
