"""`voltbook morning`: the mail as it would be written now, and on stderr what was sent of it."""

import json

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook

MAIL = {
    "delivery_day": "2026-06-15",
    "version": 2,
    "subject": "Voltbook: delivery 2026-06-15 again: 4.00 EUR, complete",
    "text": "Data: complete\n",
    "html": "<p>Data: complete</p>\n",
    "letters": [
        {"version": 1, "channel": "email", "written_at": "2026-06-16T06:00:00Z", "sent_at": None},
        {"version": 1, "channel": "topic", "written_at": "2026-06-16T06:00:00Z", "sent_at": "2026-06-16T06:00:01Z"},
    ],
}


@pytest.fixture(autouse=True)
def _a_mail(book: FakeBook) -> None:
    book.mail = MAIL


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_part_is_printed_byte_for_byte(run: CommandLine, part: str) -> None:
    assert run("morning", "2026-06-15", "-o", part).stdout == MAIL[part]


def test_the_text_is_what_is_printed_where_nothing_is_said(run: CommandLine) -> None:
    assert run("morning", "2026-06-15").stdout == MAIL["text"]


def test_json_has_all_of_it(run: CommandLine) -> None:
    assert json.loads(run("morning", "2026-06-15", "-o", "json").stdout) == MAIL


def test_what_was_sent_stands_on_stderr(run: CommandLine, book: FakeBook) -> None:
    assert run("morning", "2026-06-15").stderr.splitlines() == [
        "subject: Voltbook: delivery 2026-06-15 again: 4.00 EUR, complete",
        "version 1 by email: not sent yet",
        "version 1 by topic: sent at 16 Jun 2026 08:00 CEST",
    ]
    book.mail = {**MAIL, "letters": []}
    assert "no mail was sent about this day" in run("morning", "2026-06-15").stderr


def test_without_a_day_it_is_yesterday_in_berlin(run: CommandLine, book: FakeBook) -> None:
    from chalicelib.common import clock as common_clock
    from chalicelib.common.clock import yesterday

    assert run("morning").exit_code == 0
    assert book.asked == [(yesterday(common_clock.clock()).isoformat(),)]


def test_what_is_no_day_is_a_usage_error(run: CommandLine) -> None:
    assert run("morning", "monday").exit_code == 2
