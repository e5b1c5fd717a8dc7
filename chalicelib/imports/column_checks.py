"""Columns that repeat the eight fields: every cell must agree, so that no other product is booked.

A quarter-hour booked as an hour would have four times its cash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.delivery import BERLIN, FIRST_DAY, LAST_DAY, hour_label, hours_of
from chalicelib.common.fields import LAST_HOUR, shown_value
from chalicelib.common.timestamps import format_utc
from chalicelib.imports.formats.daily import Row
from chalicelib.trades.model import Trade

ADVICE: Final = "correct the export, or name the column in VOLTBOOK_HARMLESS_COLUMNS if it means something else"
_HOURS: Final = LAST_HOUR + 1
_JOINTS: Final = str.maketrans("", "", " _-")
_DATE: Final = r"(?:(\d{4})-?(\d{2})-?(\d{2})|(\d{2})\.(\d{2})\.(\d{4}))"
_CLOCK: Final = r"(\d{1,2})(?:[:.]00){0,2}"
_FROM_TO: Final = re.compile(
    rf"(?:(?:h|hour|hours|stunde) )?(?:{_DATE}[ t])?{_CLOCK} ?(?:-|\u2013|to|bis) ?(?:{_DATE}[ t])?{_CLOCK}", re.ASCII
)
_NUMBERED: Final = re.compile(r"ph-(\d{4})(\d{2})(\d{2})-(\d{2})(x?)", re.ASCII)
"""Nord Pool's names: the hours of the day counted from 1, `X` for the second of the repeated hours in autumn."""
_LETTERED: Final = re.compile(r"(?:hour )?0?3[ab]", re.ASCII)
"""EPEX's names of the repeated hours in autumn."""
_HOUR_KINDS: Final = re.compile(
    r"h|hour|hourly|60 ?min(?:ute)?s?|1 ?h(?:our)?|pt60m|pt1h|(?:(?:xbid|intraday|continuous)[ _])?hour[ _]power",
    re.ASCII,
)
_DURATION: Final = re.compile(r"(\d{1,5})(?:\.0+)? ?(m|min|mins|minutes?|h|hours?|s|sec|seconds?)?", re.ASCII)
_ISO_DURATION: Final = frozenset({"pt60m", "pt1h", "pt3600s", "pt1h0m", "pt1h0m0s"})
_CLOCK_DURATION: Final = re.compile(r"0?1:00(?::00)?", re.ASCII)
_SECONDS: Final = {"m": 60, "h": 3600, "s": 1}
_MOMENT: Final = re.compile(
    rf"{_DATE}[ t](\d{{1,2}}):?([0-5]\d)(?::?00(?:[.,]0+)?)?(?: ?(z|utc|[+-]\d{{2}}:?\d{{2}}))?", re.ASCII
)
_CLOCK_ALONE: Final = re.compile(r"(\d{1,2}):(\d{2})(?::00)?", re.ASCII)


def checked_columns(columns: Sequence[str], harmless: frozenset[str]) -> tuple[int, ...]:
    """Return the indexes of the columns that must repeat the eight fields."""
    exempt = {_plain(name) for name in harmless}
    return tuple(place for place, name in enumerate(columns) if _check_of(_plain(name)) and _plain(name) not in exempt)


def require_repeated(row: Row, columns: Sequence[str], checked: Sequence[int]) -> None:
    """Raise UnreadableFile if a checked cell differs from the eight fields."""
    for place, cell in zip(checked, row.checked, strict=True):
        text = " ".join(cell.lower().split())
        check = _check_of(_plain(columns[place]))
        expected = check(text, row.trade) if text and check else None
        if expected:
            found = f"column {shown_value(columns[place])} has {shown_value(cell)} on line {row.line}"
            raise UnreadableFile(f"{found}, expected {expected} to repeat the eight columns: {ADVICE}")


def _plain(name: str) -> str:
    return name.strip().lower().translate(_JOINTS)


Check = Callable[[str, Trade | None], str | None]
"""Returns what was expected if a cell differs. Without a trade, only checks that hold for all trades apply."""


@lru_cache(maxsize=256)
def _check_of(name: str) -> Check | None:
    return _duration_in(name) if name.startswith("duration") else _CHECKS.get(name)


def _word(*words: str) -> Check:
    def check(text: str, _trade: Trade | None) -> str | None:
        return None if text in words else words[0]

    return check


def _duration_in(name: str) -> Check:
    unit = name.removeprefix("duration").removeprefix("in")

    def check(text: str, _trade: Trade | None) -> str | None:
        match = _DURATION.fullmatch(text)
        if match and int(match[1]) * _SECONDS.get((match[2] or unit)[:1], _SECONDS["m"]) == _SECONDS["h"]:
            return None
        return None if text in _ISO_DURATION or _CLOCK_DURATION.fullmatch(text) else "60 minutes"

    return check


def _product(text: str, trade: Trade | None) -> str | None:
    if trade is None or _HOUR_KINDS.fullmatch(text) or _names_hour(text, trade.delivery_day, trade.delivery_hour):
        return None
    return f"an hour product of the row's own hour, such as {hour_label(trade.delivery_hour).replace(' ', '')},"


def _names_hour(text: str, day: date, hour: int) -> bool:
    # A single number names no hour: it may count from 0 or from 1.
    comes_twice = any(row.hour == hour and row.hours > 1 for row in hours_of(day))
    if match := _FROM_TO.fullmatch(text):
        *begin_day, begin = match.groups()[:7]
        *end_day, end = match.groups()[7:]
        last_day = day + timedelta(days=1) if int(end) == 0 else day
        in_order = int(begin) == hour and int(end) in {hour + 1, (hour + 1) % _HOURS}
        return in_order and _day_in(begin_day) in {None, day} and _day_in(end_day) in {None, last_day}
    if match := _NUMBERED.fullmatch(text):
        right = _day_in((match[1], match[2], match[3], None, None, None)) == day and int(match[4]) == hour + 1
        return right and len(hours_of(day)) == _HOURS and (comes_twice or not match[5])
    return comes_twice and _LETTERED.fullmatch(text) is not None


def _moment(which: int, what: str) -> Check:

    def check(text: str, trade: Trade | None) -> str | None:
        if trade is None:
            return None
        instants = _instants(trade.delivery_day, trade.delivery_hour, which)
        clocks = {instant.astimezone(BERLIN).replace(tzinfo=None) for instant in instants}
        clocks.add(datetime.combine(trade.delivery_day, time()) + timedelta(hours=trade.delivery_hour + which))
        moment = _moment_in(text)
        if moment is not None and moment in (clocks if moment.tzinfo is None else instants):
            return None
        clock = _CLOCK_ALONE.fullmatch(text)
        if clock and (int(clock[1]) % _HOURS, int(clock[2])) in {(local.hour, local.minute) for local in clocks}:
            return None
        return f"the {what} of the row's own hour, {format_utc(instants[0])} or that time in Berlin,"

    return check


def _instants(day: date, hour: int, after: int) -> Sequence[datetime]:
    row = next(row for row in hours_of(day) if row.hour == hour)
    return [row.start + timedelta(hours=number + after) for number in range(row.hours)]


def _moment_in(text: str) -> datetime | None:
    """Return the instant that a text names; a naive time if it has no offset."""
    match = _MOMENT.fullmatch(text)
    day = (_day_in(match.groups()[:6]) if match else None) or date.min
    if match is None or not FIRST_DAY <= day <= LAST_DAY or int(match[7]) > _HOURS:
        return None
    clock = datetime.combine(day, time()) + timedelta(hours=int(match[7]), minutes=int(match[8]))
    offset = match[9]
    if offset is None:
        return clock
    if offset in {"z", "utc"}:
        return clock.replace(tzinfo=UTC)
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return (clock + ahead if offset[0] == "-" else clock - ahead).replace(tzinfo=UTC)


def _day_in(parts: Sequence[str | None]) -> date | None:
    """Return the date of three parts, year or day first; `date.min` if there is no such day."""
    numbers = [int(part) for part in parts if part]
    if not numbers:
        return None
    try:
        return date(*numbers) if parts[0] else date(*reversed(numbers))
    except ValueError:
        return date.min


_CHECKS: Final[dict[str, Check]] = {
    **dict.fromkeys(("product", "contract", "period", "quarter"), _product),
    **dict.fromkeys(("state", "status"), _word("active", "acti")),
    **dict.fromkeys(("unit", "volumeunit"), _word("MW", "mw")),
    "currency": _word("EUR", "eur"),
    "deliveryminute": _word("0", "00"),
    "deliverystart": _moment(0, "start"),
    "deliveryend": _moment(1, "end"),
}
