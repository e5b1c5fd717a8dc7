"""What every mail bag promises: one mail a version, each of its letters sent by one run, and none of it a notice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.mails import bootstrap as mails_bootstrap
from chalicelib.mails.model import MAX_HTML, MAX_TEXT, Channel, Mail, letters_of
from chalicelib.mails.snapshot import Corrections, Snapshot
from chalicelib.mails.store import MailOutbox
from chalicelib.notices import bootstrap as notices_bootstrap
from tests.fakes.mails import FakeMailBag

DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 16, 6, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
TOLD = Snapshot({"state": "missing", "missing_files": ["2026-06-15"], "pnl_eur": "1.00"}, Corrections(1, 2, 3), "d1")
MAIL = Mail(DAY, 1, "subject", "text\n", "<p>html</p>\n", TOLD)
BOTH = letters_of(MAIL, [Channel.TOPIC, Channel.EMAIL], "2026-06-16T06:00:00Z")


@pytest.fixture
def outbox(engine: str) -> MailOutbox:
    return FakeMailBag() if engine == "fake" else mails_bootstrap.mail_outbox()


def test_letters_are_read_back_oldest_first_and_only_an_e_mail_has_html(outbox: MailOutbox) -> None:
    second = letters_of(replace(MAIL, version=2), [Channel.TOPIC], "2026-06-16T07:00:00Z")
    assert outbox.add(BOTH)
    assert outbox.add(second)
    assert outbox.letters(DAY) == [*BOTH, *second]
    assert [letter.mail.html for letter in outbox.letters(DAY)] == [MAIL.html, "", ""]
    assert outbox.letters(date(2026, 6, 14)) == []


def test_a_version_is_written_once_and_all_its_letters_or_none(outbox: MailOutbox) -> None:
    assert outbox.add(BOTH[:1])
    assert not outbox.add(letters_of(replace(MAIL, text="other"), [Channel.TOPIC, Channel.EMAIL], "x"))
    assert outbox.letters(DAY) == [BOTH[0]]


def test_a_letter_is_claimed_by_one_run_at_a_time_and_sent_once(outbox: MailOutbox) -> None:
    outbox.add(BOTH)
    letter, other = BOTH
    assert outbox.claim(letter, "a", NOW, LATER)
    assert not outbox.claim(letter, "b", NOW, LATER)
    assert outbox.claim(other, "b", NOW, LATER)
    assert outbox.claim(letter, "b", LATER, LATER)
    outbox.sent(letter, LATER)
    assert not outbox.claim(letter, "a", LATER + timedelta(days=1), LATER)
    assert [one.sent_at for one in outbox.letters(DAY)] == ["2026-06-16T06:01:00Z", None]


def test_the_longest_mail_there_is_fits_one_item(durable_tables: str) -> None:
    longest = replace(MAIL, text="x" * MAX_TEXT, html="ü" * (MAX_HTML // 2))
    [letter] = letters_of(longest, [Channel.EMAIL], "x")
    assert mails_bootstrap.mail_outbox().add([letter])
    assert mails_bootstrap.mail_outbox().letters(DAY) == [letter]


def test_a_mail_is_no_notice_on_a_file(durable_tables: str) -> None:
    mails_bootstrap.mail_outbox().add(BOTH)
    assert notices_bootstrap.outbox().of([DAY]) == []
    assert feeds_bootstrap.receipts().open_days() == {}


def test_of_two_runs_at_once_one_writes(durable_tables: str) -> None:
    bag = mails_bootstrap.mail_outbox()

    def write(version: int) -> bool:
        return bag.add(letters_of(replace(MAIL, version=version), [Channel.TOPIC, Channel.EMAIL], "x"))

    with ThreadPoolExecutor(2) as pool:
        for version in range(1, 6):
            assert sorted(pool.map(write, [version] * 2)) == [False, True]
