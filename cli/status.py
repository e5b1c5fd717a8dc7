"""The status of a book: yesterday, and what needs attention with the command that handles it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from chalicelib.common.delivery import berlin_day, days_between
from chalicelib.common.errors import NotAllowed, NotFound
from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds.feed import FeedKind
from chalicelib.imports.unconfirmed import days_to_search
from chalicelib.prices.sets import DEFAULT_SETS, DESK
from cli.output.json import Json
from cli.output.page import counted
from cli.render.receipts import file_arguments

if TYPE_CHECKING:
    from cli.client.operations import Client

LISTED_DAYS: Final = 30
"""File days, days of notices, and days of reference prices."""
_VERBS: Final = {"late": "accept", "held": "accept", "rejected": "show", "waiting": "check", "importing": "check"}


def read_status(book: Client, now: datetime) -> Json:
    """Return the status as far as the login may see it; `not_shown` names the rest."""
    yesterday = berlin_day(now) - timedelta(days=1)
    files, notices = _files(book), _notices(book)
    others = _files_of_feeds(book) if files is not None else ()
    report = book.report(None, yesterday, yesterday).as_json()
    points = [
        *_file_points((*(files or ()), *others)),
        *_unconfirmed_points(book, now),
        *_notice_points(notices or ()),
        *_price_points(book, yesterday),
    ]
    return {
        "day": yesterday.isoformat(),
        "as_of": report["as_of"],
        "completeness": report["completeness"],
        "file": next((file for file in files or () if file["file_day"] == yesterday.isoformat()), None),
        "not_shown": [name for name, found in (("files", files), ("notices", notices)) if found is None],
        "points": points,
    }


def _files(book: Client) -> Sequence[Json] | None:
    try:
        return book.list_files(None, None)
    except NotAllowed:  # a trader
        return None


def _files_of_feeds(book: Client) -> Sequence[Json]:
    """Return the files of all other feeds of trades."""
    try:
        feeds = book.list_feeds()
    except NotFound:  # a book of an earlier release has the daily files only
        return ()
    names = [feed["name"] for feed in feeds if feed["kind"] == FeedKind.TRADES.value and feed["name"] != DAILY_NAME]
    return [file for name in names for file in book.list_feed_files(name, None, None)]


def _notices(book: Client) -> Sequence[Json] | None:
    try:
        return book.list_notices(LISTED_DAYS)
    except click.UsageError:  # not over the API
        return None


def _file_points(files: Sequence[Json]) -> Iterator[Json]:
    for file in files:
        if (open_point := _open_point(file)) is not None:
            message, verb = open_point
            command = "voltbook check" if verb == "check" else f"voltbook files {verb} {file_arguments(file)}"
            feed = file.get("feed", DAILY_NAME)
            of_feed = message if feed == DAILY_NAME else f"{feed}: {message}"
            yield _point("file", file["file_day"], of_feed, command)


def _open_point(file: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what is open of a file, and the verb that handles it."""
    state = file["state"]
    if state in _VERBS:
        verb = "show" if state == "late" and file["version"] else _VERBS[state]
        return f"{state}: {file['reason']}" if file["reason"] else state, verb
    if file["quarantined"] and not file.get("accepted_at"):
        return f"{counted(file['quarantined'], 'row')} quarantined and not accepted", "accept"
    if file["withdrawn"] and not file["confirmed_at"]:
        return f"{counted(file['withdrawn'], 'trade')} missing from the file, still booked until accepted", "accept"
    others = file.get("other_rows", 0)
    if 2 * others > file["rows"] - file["quarantined"]:
        return f"{counted(others, 'row')} executed on other days", "show"
    return None


def _unconfirmed_points(book: Client, now: datetime) -> Iterator[Json]:
    for day in days_to_search(now):
        if trades := book.list_unconfirmed(None, day):
            message = f"{counted(len(trades), 'trade')} that no file contains"
            yield _point("trades", day.isoformat(), message, f"voltbook trades list --unconfirmed --day {day}")


def _notice_points(notices: Sequence[Json]) -> Iterator[Json]:
    unsent = [notice for notice in notices if notice["sent_at"] is None]
    for notice in unsent:
        yield _point("notice", notice["file_day"], f"not sent yet: {notice['subject']}", "voltbook check")


def _price_points(book: Client, yesterday: date) -> Iterator[Json]:
    """Yield the days without a reference price in any default set, after the first day that has one."""
    days = days_between(yesterday - timedelta(days=LISTED_DAYS - 1), yesterday)
    missing = set(days)
    for name in (DESK, *(name for name in DEFAULT_SETS if name != DESK)):
        if missing:
            missing -= _priced_days(book, name, min(missing), max(missing))
    first = next((day for day in days if day not in missing), yesterday)
    message = f"no reference prices in any default set ({', '.join(DEFAULT_SETS)})"
    for day in sorted(missing):
        if day > first:
            yield _point("prices", day.isoformat(), message, "voltbook prices import FILE")


def _priced_days(book: Client, name: str, start: date, end: date) -> set[date]:
    if name == DESK:
        return {date.fromisoformat(price["delivery_day"]) for price in book.list_prices(start, end)}
    try:
        prices = book.list_period_prices(start, end, name, None)
    except NotFound:  # a book of an earlier release has the desk's own prices only
        return set()
    return {berlin_day(datetime.fromisoformat(price["start"])) for price in prices}


def _point(kind: str, day: str, message: str, command: str) -> Json:
    return {"kind": kind, "day": day, "message": message, "command": command}
