"""The morning mail: one for each thing there is to tell, whatever the clock, the channels and other runs do."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from chalicelib.common.errors import Unavailable
from chalicelib.feeds.feed import DAILY, Feed, file_name
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.imports.polling import poll
from chalicelib.mails.model import Channel, Letter, Mail
from chalicelib.mails.service import MailContext, Mailed, mail_as_of_now, send_morning_mails
from chalicelib.notices.service import CLAIM
from chalicelib.prices.quote import Quote
from chalicelib.reports.service import ReportStores
from chalicelib.trades.revision import Revision
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.fees import FakeFees
from tests.fakes.imports import fake_import_context
from tests.fakes.mails import FakeCarrier, FakeMailBag
from tests.fakes.notices import FakeNotices
from tests.fakes.prices import FakePrices, hourly_quotes
from tests.fakes.trades import FakeBook
from tests.fixtures.daily_files import csv_of
from tests.fixtures.trades import from_file, posted, trade

DAY, EVE = date(2026, 6, 15), date(2026, 6, 14)
MIDNIGHT = datetime(2026, 6, 15, 22, tzinfo=UTC)
EIGHT = datetime(2026, 6, 16, 6, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@dataclass
class MailSandbox:
    """A book, its files, and the office that mails; the clock is a test's to set."""

    book: FakeBook = field(default_factory=FakeBook)
    store: FakeFileStore = field(default_factory=FakeFileStore)
    receipts: FakeReceipts = field(default_factory=FakeReceipts)
    prices: FakePrices = field(default_factory=FakePrices)
    clock: FakeClock = field(default_factory=lambda: FakeClock(MIDNIGHT + HALF_HOUR))
    bag: FakeMailBag = field(default_factory=FakeMailBag)
    topic: FakeCarrier = field(default_factory=FakeCarrier)
    email: FakeCarrier = field(default_factory=FakeCarrier)

    feeds: tuple[Feed, ...] = (DAILY,)

    def office(self, owner: str = "mail") -> MailContext:
        shelf = ReportStores(self.book, self.receipts, self.prices, FakeFees(), self.clock, self.feeds)
        return MailContext(shelf, self.book, self.bag, {Channel.TOPIC: self.topic, Channel.EMAIL: self.email}, owner)

    def mail(self, at: datetime | None = None) -> Mailed:
        self.clock.time = at or self.clock.time
        return send_morning_mails(self.office())

    def told(self, at: datetime | None = None) -> list[str]:
        """Mail, and give the subjects that this sent to the topic."""
        before = len(self.topic.carried)
        self.mail(at)
        return [mail.subject.removeprefix("Voltbook: delivery ") for mail in self.topic.carried[before:]]

    def files(self, *days: date, price: int = 5000, extra: tuple[str, ...] = ()) -> None:
        """Import a file of each of these days, with one sale delivered on it."""
        for day in days:
            own = f"{day}T10:00:00Z"
            sale = trade(str(day), direction="sell", delivery_day=str(day), price=price, execution_time=own)
            self.store.put(file_name(day), io.BytesIO(csv_of([sale], *extra)))
        poll(fake_import_context(self.store, self.receipts, self.book, self.clock, notices=FakeNotices()))


@pytest.fixture
def desk() -> MailSandbox:
    return MailSandbox()


def test_a_day_that_is_not_complete_is_not_mailed_before_eight(desk: MailSandbox) -> None:
    assert desk.told(MIDNIGHT) == []
    desk.files(EVE)
    assert desk.told(EIGHT - HALF_HOUR) == []
    assert desk.told(EIGHT - timedelta(seconds=1)) == []
    assert desk.told(EIGHT) == ["2026-06-15: 0.00 EUR, MISSING, not final"]
    assert "no file of 2026-06-15;" in desk.topic.carried[0].text.split("\n")[0]
    assert desk.told(EIGHT + HALF_HOUR) == []


def test_it_is_mailed_as_soon_as_its_data_is_complete_and_never_twice(desk: MailSandbox) -> None:
    desk.files(EVE, DAY)
    desk.clock.time += HALF_HOUR
    assert desk.told() == ["2026-06-15: 500.00 EUR, complete"]
    assert [told for half_hours in range(46) if (told := desk.told(desk.clock.time + HALF_HOUR))] == []
    assert len(desk.email.carried) == 1


@pytest.mark.parametrize(
    ("day", "eight"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (date(2026, 3, 27), datetime(2026, 3, 28, 7, tzinfo=UTC)),
        (date(2025, 10, 25), datetime(2025, 10, 26, 7, tzinfo=UTC)),
        (date(2025, 10, 24), datetime(2025, 10, 25, 6, tzinfo=UTC)),
    ],
)
def test_eight_is_eight_on_the_clocks_of_berlin(desk: MailSandbox, day: date, eight: datetime) -> None:
    assert desk.told(eight - HALF_HOUR) == []
    assert desk.told(eight) == [f"{day}: 0.00 EUR, MISSING, not final"]


def test_the_deadline_of_the_daily_file_is_that_of_the_settings(desk: MailSandbox) -> None:
    desk.feeds = (replace(DAILY, deadline=time(9, 30)),)
    assert desk.told(EIGHT + 2 * HALF_HOUR) == []
    assert desk.told(EIGHT + 3 * HALF_HOUR) == ["2026-06-15: 0.00 EUR, MISSING, not final"]


def _of_nordpool(**settings: Any) -> Feed:
    pattern = KeyPattern("nordpool/{YYYYMMDD}.csv")
    return Feed("nordpool", pattern, **{"required": True, "since": date(2026, 6, 1), "file_days": (0,), **settings})


@pytest.mark.parametrize(
    ("settings", "latest"),
    [
        ({"deadline": time(9, 30)}, EIGHT + 3 * HALF_HOUR),
        ({"deadline": time(7)}, EIGHT),
        ({"deadline": time(9, 30), "deadline_days": 2}, EIGHT + timedelta(days=1, minutes=90)),
        ({"deadline_days": 7, "file_days": (0, 7)}, MIDNIGHT + timedelta(days=6)),
        ({"deadline": None}, EIGHT),
    ],
)
def test_the_mail_waits_for_required_feeds_until_they_are_late(
    desk: MailSandbox, settings: dict[str, Any], latest: datetime
) -> None:
    desk.feeds = (DAILY, _of_nordpool(**settings))
    desk.files(EVE, DAY)
    assert not any(text.startswith("2026-06-15") for text in desk.told(latest - timedelta(seconds=1)))
    assert any(text.startswith("2026-06-15") for text in desk.told(latest))


@pytest.mark.parametrize(
    "settings", [{"weekdays": frozenset({5, 6})}, {"since": date(2026, 6, 16)}, {"required": False}]
)
def test_the_mail_waits_for_no_file_that_the_day_does_not_need(desk: MailSandbox, settings: dict[str, Any]) -> None:
    desk.feeds = (DAILY, _of_nordpool(deadline=time(23), **settings))
    assert desk.told(EIGHT) == ["2026-06-15: 0.00 EUR, MISSING, not final"]


def test_a_quiet_day_is_mailed_too(desk: MailSandbox) -> None:
    for day in (EVE, DAY):
        other = trade(f"other {day}", delivery_day="2026-06-20", execution_time=f"{day}T10:00:00Z")
        desk.store.put(file_name(day), io.BytesIO(csv_of([other])))
    desk.files()
    assert desk.told() == ["2026-06-15: 0.00 EUR, complete"]
    assert "no trade." in desk.topic.carried[0].text


def test_another_state_is_mailed_again_with_what_it_was(desk: MailSandbox) -> None:
    desk.files(EVE)
    desk.mail(EIGHT)
    desk.files(DAY)
    assert desk.told(EIGHT + HALF_HOUR) == ["2026-06-15 again: 500.00 EUR, complete"]
    words = " ".join(desk.topic.carried[-1].text.split())
    assert "State missing -> complete PnL [EUR] 0.00 -> 500.00 Missing files 2026-06-15 -> -" in words
    assert desk.told(EIGHT + 2 * HALF_HOUR) == []


def _corrected(desk: MailSandbox) -> None:
    desk.files(DAY, price=6000)


def _posted(desk: MailSandbox) -> None:
    desk.book.add([posted(trade("late", delivery_day=str(DAY), price=1))])


def _priced(desk: MailSandbox) -> None:
    desk.prices.record(hourly_quotes({DAY: {13: Quote(4000, 1, "x")}}))


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        (_corrected, "2026-06-15 again: 600.00 EUR, corrected"),
        (_posted, "2026-06-15 again: 499.90 EUR, complete"),
        (_priced, "2026-06-15 again: 500.00 EUR, complete"),
    ],
)
def test_other_numbers_are_mailed_again_within_a_week(
    desk: MailSandbox, change: Callable[[MailSandbox], None], subject: str
) -> None:
    desk.files(EVE, DAY)
    desk.mail()
    desk.clock.time = EIGHT + timedelta(days=6)
    days_between = len(desk.told())
    change(desk)
    assert (days_between, desk.told(EIGHT + timedelta(days=6, hours=1))) == (6, [subject])
    assert desk.told(EIGHT + timedelta(days=6, hours=2)) == []


def test_after_a_week_a_day_is_at_rest(desk: MailSandbox) -> None:
    desk.files(EVE, DAY)
    desk.mail()
    desk.mail(EIGHT + timedelta(days=7))
    _posted(desk)
    assert desk.told() == []


def test_days_are_mailed_again_as_long_as_the_daily_feed_looks_back(desk: MailSandbox) -> None:
    desk.feeds = (replace(DAILY, look_back=10),)
    desk.files(EVE, DAY)
    desk.mail()
    desk.mail(EIGHT + timedelta(days=8))
    _posted(desk)
    assert len(desk.told()) == 1


def test_numbers_that_an_import_is_changing_wait_for_its_end(desk: MailSandbox) -> None:
    desk.files(EVE, DAY)
    desk.mail()
    lease = desk.receipts.acquire(DAY, "import", desk.clock.time, desk.clock.time)
    [newest] = desk.receipts.newest([DAY]).values()
    under_way = replace(newest, version=2, state=FileState.IMPORTING, standing_version=1)
    desk.receipts.save(lease, under_way, desk.clock.time)
    _posted(desk)
    assert desk.told() == []
    desk.receipts.save(lease, replace(under_way, state=FileState.IMPORTED, corrected=1), desk.clock.time)
    assert desk.told() == ["2026-06-15 again: 499.90 EUR, corrected"]


def test_a_new_book_begins_with_yesterday_and_a_pause_leaves_no_day_out(desk: MailSandbox) -> None:
    assert len(desk.told(EIGHT)) == 1
    told = desk.told(EIGHT + timedelta(days=3))
    assert [subject[:10] for subject in told] == ["2026-06-16", "2026-06-17", "2026-06-18"]
    assert len(desk.told(EIGHT + timedelta(days=30))) == 1


@pytest.mark.parametrize("down", ["topic", "email"])
def test_a_channel_that_is_down_holds_up_no_other_and_is_tried_again(desk: MailSandbox, down: str) -> None:
    carriers = {"topic": desk.topic, "email": desk.email}
    broken, [works] = carriers.pop(down), carriers.values()
    broken.down = True
    desk.files(EVE, DAY)
    first = desk.mail()
    assert (len(works.carried), [why for _, why in first.unsent]) == (1, ["nobody answers"])
    _posted(desk)
    desk.mail(desk.clock.time + HALF_HOUR)
    broken.down = False
    desk.mail(desk.clock.time + HALF_HOUR)
    assert [mail.version for mail in works.carried] == [1, 2]
    assert [mail.version for mail in broken.carried] == [1, 2], "what tells of a change comes after what it changes"


def test_only_an_e_mail_has_html(desk: MailSandbox) -> None:
    desk.mail(EIGHT)
    assert [mail.html[:15] for mail in desk.email.carried] == ["<!doctype html>"]
    assert [mail.html for mail in desk.topic.carried] == [""]


def test_a_letter_claimed_by_another_run_waits_until_the_claim_expires(desk: MailSandbox) -> None:
    class Dies(FakeCarrier):
        def send(self, mail: object) -> None:
            raise KeyboardInterrupt

    desk.clock.time = EIGHT
    dying = replace(desk.office("dying"), channels={Channel.TOPIC: Dies()})
    with pytest.raises(KeyboardInterrupt):
        send_morning_mails(dying)
    assert desk.told() == []
    assert len(desk.told(EIGHT + CLAIM)) == 1
    assert desk.told(EIGHT + 2 * CLAIM) == []


def test_a_later_mail_waits_for_an_earlier_one_that_another_run_is_sending(desk: MailSandbox) -> None:
    desk.topic.down = desk.email.down = True
    desk.files(EVE, DAY)
    desk.mail()
    _posted(desk)
    desk.mail()
    desk.topic.down = desk.email.down = False
    first = next(one for one in desk.bag.letters(DAY) if one.channel is Channel.TOPIC)
    later = desk.clock.time = desk.clock.time + 2 * CLAIM
    assert desk.bag.claim(first, "another run", later, later + CLAIM)
    desk.mail()
    assert [mail.version for mail in desk.topic.carried] == []
    assert [mail.version for mail in desk.email.carried] == [1, 2]
    desk.mail(later + CLAIM)
    assert [mail.version for mail in desk.topic.carried] == [1, 2]


def test_a_later_mail_waits_for_an_earlier_one_that_could_not_be_sent(desk: MailSandbox) -> None:
    class DownOnce(FakeCarrier):
        def send(self, mail: Mail) -> None:
            self.down, was = False, self.down
            if was:
                raise Unavailable("nobody answers")
            super().send(mail)

    desk.topic.down = True
    desk.files(EVE, DAY)
    desk.mail()
    _posted(desk)
    desk.topic = DownOnce()
    desk.topic.down = True
    desk.mail()
    assert [mail.version for mail in desk.topic.carried] == []
    desk.mail(desk.clock.time + CLAIM)
    assert [mail.version for mail in desk.topic.carried] == [1, 2]


class Overtaken(FakeMailBag):
    """The bag of a run that reads the letters and then, before it writes, sleeps while others do something."""

    def __init__(self, desk: MailSandbox, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._desk, self._meanwhile = desk, meanwhile

    def letters(self, delivery_day: date) -> Sequence[Letter]:
        return self._desk.bag.letters(delivery_day)

    def add(self, letters: Sequence[Letter]) -> bool:
        self._meanwhile()
        return self._desk.bag.add(letters)


def test_a_run_that_fell_behind_writes_nothing_old(desk: MailSandbox) -> None:
    def mail_twice() -> None:
        desk.mail()
        _posted(desk)
        desk.mail()

    desk.clock.time = EIGHT
    behind = replace(desk.office("behind"), outbox=Overtaken(desk, mail_twice))
    assert send_morning_mails(behind).written == []
    assert [letter.mail.version for letter in desk.bag.letters(DAY)] == [1, 1, 2, 2]
    assert desk.told(EIGHT + HALF_HOUR) == []


def test_a_day_that_cannot_be_read_raises_after_the_other_mails_are_sent(
    desk: MailSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.mail(EIGHT)
    positions = desk.book.positions

    def fails(delivery_day: date, trader_id: str | None) -> object:
        if delivery_day == DAY:
            raise Unavailable("the store did not answer")
        return positions(delivery_day, trader_id)

    monkeypatch.setattr(desk.book, "positions", fails)
    with pytest.raises(Unavailable):
        desk.mail(EIGHT + timedelta(days=1))
    assert [mail.delivery_day for mail in desk.topic.carried] == [DAY, DAY + timedelta(days=1)]


def test_a_mail_that_nobody_would_receive_stays_unsent_until_somebody_does(desk: MailSandbox) -> None:
    desk.topic.subscribed = False
    desk.clock.time = EIGHT
    office = replace(desk.office(), channels={Channel.TOPIC: desk.topic})
    for _ in range(2):
        mailed = send_morning_mails(office)
        assert [why for _, why in mailed.unsent] == ["nobody has confirmed a subscription of the topic"]
    assert (desk.topic.carried, [letter.sent_at for letter in desk.bag.letters(DAY)]) == ([], [None])
    desk.topic.subscribed = True
    assert [letter.mail.version for letter in send_morning_mails(office).sent] == [1]
    assert [mail.version for mail in desk.topic.carried] == [1]


def test_a_topic_without_receivers_is_no_failure_where_ses_sends(desk: MailSandbox) -> None:
    desk.topic.subscribed = False
    mailed = desk.mail(EIGHT)
    assert ([letter.channel for letter in mailed.sent], mailed.unsent) == ([Channel.EMAIL], [])
    assert {letter.channel: letter.sent_at is None for letter in desk.bag.letters(DAY)} == {
        Channel.TOPIC: True,
        Channel.EMAIL: False,
    }


def test_the_mail_counts_trades_that_no_file_contains(desk: MailSandbox) -> None:
    for number, day in enumerate((EVE, DAY, DAY)):
        own = f"{day}T10:00:00Z"
        desk.book.add([posted(trade(f"by-hand-{number}", delivery_day=str(day), execution_time=own))])
    desk.files(EVE, DAY)
    desk.mail()
    line = "voltbook trades list --unconfirmed --start-day 2026-06-14 --end-day 2026-06-15"
    assert f"\n3 trades that no file contains: {line}\n" in desk.topic.carried[0].text
    desk.book.words["by-hand-0"].append(desk.book.words["by-hand-0"][-1]._replace(noted=frozenset({FileDay(EVE)})))
    again, _ = mail_as_of_now(DAY, desk.office().stores, desk.book, desk.bag)
    assert "\n2 trades that no file contains: voltbook trades list --unconfirmed --day 2026-06-15\n" in again.text
    assert (again.version, desk.told()) == (1, [])


def test_a_mail_without_unconfirmed_trades_does_not_mention_them(desk: MailSandbox) -> None:
    desk.files(EVE, DAY)
    desk.mail()
    assert "no file contains" not in desk.topic.carried[0].text


def test_trades_are_counted_only_for_a_mail_that_is_due(desk: MailSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[date] = []

    def in_no_file(day: date, _: object) -> Sequence[Revision]:
        asked.append(day)
        return []

    desk.files(EVE, DAY)
    monkeypatch.setattr(desk.book, "in_no_file", in_no_file)
    desk.mail()
    desk.mail()
    assert asked == [EVE, DAY]


def test_looking_at_the_mail_of_a_day_changes_nothing(desk: MailSandbox) -> None:
    desk.files(EVE, DAY)
    office = desk.office()
    mail, letters = mail_as_of_now(DAY, office.stores, desk.book, desk.bag)
    assert (mail.version, list(letters), desk.bag.kept) == (1, [], {})
    desk.mail()
    assert desk.topic.carried == [replace(mail, html="")]
    _posted(desk)
    again, letters = mail_as_of_now(DAY, office.stores, desk.book, desk.bag)
    assert (again.version, len(letters)) == (2, 2)


def test_a_second_mail_waits_for_a_run_of_a_file_the_day_does_not_need(desk: MailSandbox) -> None:
    desk.files(EVE, DAY)
    assert desk.told() == ["2026-06-15: 500.00 EUR, complete"]
    now = desk.clock.now()
    lease = desk.receipts.acquire(date(2026, 6, 10), "run", now, now + timedelta(minutes=2))
    old = desk.book.words[str(DAY)][-1]
    row = from_file(old.trade._replace(price=4000), file_day=lease.file_day)
    assert desk.book.correct(old, old.next(row.trade, row.source, "2026-06-16T01:00:00Z"), lease) is None
    assert desk.told() == []
    desk.receipts.release(lease)
    assert desk.told() == ["2026-06-15 again: 400.00 EUR, corrected"]


def test_a_trade_posted_to_a_complete_day_is_mailed_with_the_reason(desk: MailSandbox) -> None:
    desk.files(EVE, DAY)
    desk.mail()
    late = posted(trade("late", direction="sell", delivery_day=str(DAY), price=1000))
    desk.book.add([late._replace(recorded_at="2026-06-16T01:00:00Z")])
    assert desk.told() == ["2026-06-15 again: 600.00 EUR, corrected"]
    assert "; a trade was booked after the day was complete; " in desk.topic.carried[-1].text.split("\n")[0]


def test_a_mail_counts_the_corrections_of_the_very_numbers_that_it_tells(desk: MailSandbox) -> None:
    """A newer version comes in between the first reading of the files and the report."""
    desk.files(EVE, DAY)
    desk.mail()
    read, seen = desk.receipts.versions, list[date]()

    def versions(file_day: date) -> Sequence[Receipt]:
        found = read(file_day)
        seen.append(file_day)
        if len(seen) == 2:
            desk.files(DAY, price=4000)
        return found

    shelf: Any = Mock(wraps=desk.receipts, versions=versions)
    mail, _ = mail_as_of_now(DAY, desk.office().stores._replace(receipts=shelf), desk.book, desk.bag)
    assert (mail.snapshot.known["pnl_eur"], mail.snapshot.corrections.corrected) == ("400.00", 1)
