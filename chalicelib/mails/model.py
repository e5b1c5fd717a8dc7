"""The morning mail of a delivery day: when it is due, and its versions and letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from chalicelib.common.delivery import day_start
from chalicelib.feeds.feed import DAYS_BACK, Feed
from chalicelib.feeds.receipt import Receipt
from chalicelib.mails.content import morning_page, state_in_words
from chalicelib.mails.document import Page, as_html, as_text
from chalicelib.mails.snapshot import VALUE_FIGURES, Snapshot, corrections_of, snapshot_of
from chalicelib.reports.completeness import FINAL, State, files_needed
from chalicelib.reports.pnl import Report
from chalicelib.reports.valuation import ValuedLine
from chalicelib.reports.valued_columns import VALUED_LINES

MAX_TEXT: Final = 100_000
MAX_HTML: Final = 250_000
"""Bytes. SNS takes 256 KiB; text and HTML are stored in one item, which may have 400 KB in DynamoDB."""
LAST_DAY: Final = timedelta(days=DAYS_BACK)
"""After a delivery day: the last day on which a mail about it is written."""
LONGEST_SUBJECT: Final = 99
"""SNS takes ASCII subjects of less than 100 characters."""


class Channel(StrEnum):
    TOPIC = "topic"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Mail:
    """`version` increases whenever the content changed. `html` is empty in letters to channels that take text only."""

    delivery_day: date
    version: int
    subject: str
    text: str
    html: str
    snapshot: Snapshot

    def as_json(self) -> dict[str, object]:
        return {
            "delivery_day": self.delivery_day.isoformat(),
            "version": self.version,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
        }


@dataclass(frozen=True, slots=True)
class Letter:
    mail: Mail
    channel: Channel
    written_at: str
    sent_at: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "version": self.mail.version,
            "channel": self.channel.value,
            "written_at": self.written_at,
            "sent_at": self.sent_at,
        }


def letters_of(mail: Mail, channels: Iterable[Channel], written_at: str) -> tuple[Letter, ...]:
    plain = replace(mail, html="")
    return tuple(
        Letter(mail if channel is Channel.EMAIL else plain, channel, written_at) for channel in sorted(channels)
    )


def due_at_the_latest(delivery_day: date, feeds: Iterable[Feed]) -> datetime:
    """Return when the first mail of a day is due whatever its state: once each file that it waits for is late.

    These are the daily file and those of other required feeds, for a week at most, in which mails are sent.
    """
    waits_for = (
        (feed, file_day)
        for feed in feeds
        for file_day in ((delivery_day,) if feed.is_daily else feed.needed(delivery_day))
    )
    deadlines = (feed.late_from(file_day) for feed, file_day in waits_for)
    latest = max(deadline for deadline in deadlines if deadline is not None)
    return min(latest, day_start(delivery_day + LAST_DAY))


def is_due(state: State, latest: datetime, now: datetime) -> bool:
    """Return whether the first mail of a day is due: its data is complete, or it is as late as `latest`."""
    return state in FINAL or now >= latest


def morning_mail(
    report: Report,
    files: Sequence[Sequence[Receipt]],
    before: Mail | None,
    unconfirmed: Mapping[date, int] = MappingProxyType({}),
    value: ValuedLine | None = None,
) -> Mail:
    """Return the mail of a desk's one-day report.

    `files` are all versions, newest first, of the two file days that the delivery day needs; `before` is the latest
    mail about the day. If nothing changed since, the version stays the same. `unconfirmed` counts trades that no file
    contains, by delivery day; it is no part of the snapshot, so that it causes no further mail. `value` is the total of
    the positions' value, if that is known.
    """
    snapshot_before = before.snapshot if before else None
    shown, cells = report.as_json(), report.as_cells()
    if value is not None:
        shown["total"] |= _value_of(VALUED_LINES.objects([value])[0])
        cells["total"] |= _value_of(VALUED_LINES.cells([value])[0])
    snapshot = snapshot_of(shown, corrections_of(files), snapshot_before)
    version = 1 if before is None else before.version + (before.snapshot.digest != snapshot.digest)
    rows = {file[0].file_day: file[0].quarantined for file in files if file}
    quarantined = {file_day: rows.get(file_day, 0) for file_day in files_needed(report.start_day)}
    subject = _subject(cells, again=version > 1)

    def page(traders: int) -> Page:
        return morning_page(subject, cells, snapshot, snapshot_before, quarantined, unconfirmed, traders)

    text, html = _fitting(page, len(cells["traders"]))
    return Mail(report.start_day, version, subject, text, html, snapshot)


def _value_of(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in VALUE_FIGURES}


def _subject(report: Mapping[str, Any], *, again: bool) -> str:
    day, pnl = report["start_day"], report["total"]["pnl_eur"]
    return f"Voltbook: delivery {day}{' again' if again else ''}: {pnl} EUR, {state_in_words(report)}"[:LONGEST_SUBJECT]


def _fitting(page: Callable[[int], Page], traders: int) -> tuple[str, str]:
    """Return text and HTML, with fewer traders if they would be too long; the page says how many are left out."""
    whole = page(traders)
    text, html = as_text(whole), as_html(whole)
    if traders == 0 or (len(text.encode()) <= MAX_TEXT and len(html.encode()) <= MAX_HTML):
        return text, html
    return _fitting(page, traders * 3 // 4)
