"""The morning mail on the durable engine: runs at the same instant, and one that dies at any call, tell all once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.fees import bootstrap as fees_bootstrap
from chalicelib.mails import bootstrap as mails_bootstrap
from chalicelib.mails.model import Channel, Mail
from chalicelib.mails.service import MailContext, send_morning_mails
from chalicelib.mails.store import MailChannel
from chalicelib.notices.service import CLAIM
from chalicelib.prices import bootstrap as prices_bootstrap
from chalicelib.reports.service import ReportStores
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.service import book_trade
from tests.durability.kills import Killed, Life, living
from tests.fakes.clock import FakeClock
from tests.fakes.mails import FakeCarrier
from tests.fixtures.deadlines import late_from
from tests.fixtures.trades import trade

ADMIN = Identity("admin", Role.ADMIN)


class MortalCarrier(FakeCarrier):
    """A carrier whose calls are steps of a life; shares another's mail."""

    def __init__(self, real: FakeCarrier, life: Life) -> None:
        super().__init__()
        self.carried, self._life = real.carried, life

    def send(self, mail: Mail) -> None:
        self._life.step(lambda: self.carried.append(mail))
        super().send(mail)


@dataclass
class MailSandbox:
    """A delivery day far from all others on the same tables, at 08:00 in Berlin on the next."""

    number: int
    clock: FakeClock = field(default_factory=FakeClock)
    topic: FakeCarrier = field(default_factory=FakeCarrier)
    email: FakeCarrier = field(default_factory=FakeCarrier)

    def __post_init__(self) -> None:
        self.clock.time = late_from(self.day)
        self.book(1)

    @property
    def day(self) -> date:
        return date(2010, 1, 1) + timedelta(days=30 * self.number)

    def book(self, number: int) -> None:
        one = trade(f"{self.day}-{number}", direction="sell", delivery_day=str(self.day))
        book_trade(one, ADMIN, trades_bootstrap.book(), self.clock)

    def mail(self, life: Life, owner: str = "mail") -> None:
        book, prices = trades_bootstrap.book(), prices_bootstrap.prices()
        shelf = ReportStores(book, feeds_bootstrap.receipts(), prices, fees_bootstrap.fees(), self.clock)
        carriers: dict[Channel, MailChannel] = {
            Channel.TOPIC: MortalCarrier(self.topic, life),
            Channel.EMAIL: MortalCarrier(self.email, life),
        }
        send_morning_mails(MailContext(shelf, trades_bootstrap.book(), mails_bootstrap.mail_outbox(), carriers, owner))

    def heard(self) -> list[Counter[int]]:
        """How often each version was heard, by topic and by e-mail."""
        return [Counter(mail.version for mail in carrier.carried) for carrier in (self.topic, self.email)]

    def assert_all_is_sent(self) -> None:
        assert all(letter.sent_at for letter in mails_bootstrap.mail_outbox().letters(self.day))


@pytest.fixture(scope="module")
def desk_numbers() -> Iterator[int]:
    return iter(range(1_000))


def test_runs_at_the_same_instant_mail_once(durable_tables: str, desk_numbers: Iterator[int]) -> None:
    for _ in range(3):
        desk = MailSandbox(next(desk_numbers))
        for version in (1, 2):
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda run, desk=desk: desk.mail(Life(), f"run {run}"), range(4)))
            desk.clock.time += timedelta(minutes=30)
            desk.mail(Life(), "next")
            assert desk.heard() == [Counter(range(1, version + 1))] * 2
            desk.assert_all_is_sent()
            desk.book(2)


def test_a_kill_at_any_call_and_a_rerun_mail_all_there_is(durable_tables: str, desk_numbers: Iterator[int]) -> None:
    """At worst one letter is heard twice: the run that died had sent it, and nobody knew."""
    trades_bootstrap.book()
    undisturbed, life = MailSandbox(next(desk_numbers)), Life()
    with living(life):
        undisturbed.mail(life)
    assert undisturbed.heard() == [Counter([1])] * 2

    for call, after in [*((call, False) for call in range(life.calls)), (life.calls - 1, True)]:
        desk = MailSandbox(next(desk_numbers))
        killed = Life(call, after=after)
        with living(killed), pytest.raises(Killed):
            desk.mail(killed)
        desk.clock.time += CLAIM
        desk.mail(Life(), "rerun")
        where = f"killed {'after' if after else 'before'} call {call}"
        assert [set(heard) for heard in desk.heard()] == [{1}, {1}], where
        assert sum(heard.total() for heard in desk.heard()) in {2, 3}, where
        desk.assert_all_is_sent()
