"""When a trade was executed: ISO 8601 with an offset, kept to the microsecond, given back as posted in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

_ISO: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2})(:\d{2})?(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})",
    re.ASCII,
)
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
EXPECTED: Final = "must be an ISO 8601 time with Z or an offset, such as 2023-02-20T10:00:00Z"


def to_utc(text: str) -> str:
    """Give the same instant as `...Z` text, with as many digits as came in; ValueError says what was expected."""
    match = _ISO.fullmatch(text)
    minute, seconds, fraction, offset = match.groups("") if match else ("", "", "", "")
    if not minute or (fraction and not seconds):
        message = f"{EXPECTED} and at most microseconds"
        raise ValueError(message)
    try:
        moment = datetime.fromisoformat(minute + seconds) - _offset(offset)
    except (ValueError, OverflowError) as error:
        message = f"{EXPECTED}: no such time"
        raise ValueError(message) from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        message = f"{EXPECTED}, in a year from {FIRST_YEAR} to {LAST_YEAR}"
        raise ValueError(message)
    if offset == "Z":
        return text
    shown = "%Y-%m-%dT%H:%M:%S" if seconds else "%Y-%m-%dT%H:%M"
    return f"{moment:{shown}}{fraction}Z"


def instant(text: str) -> datetime:
    """Read the `...Z` text that `to_utc` gave; aware, in UTC."""
    return datetime.fromisoformat(text)


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    clock = time.fromisoformat(text[1:])
    offset = timedelta(hours=clock.hour, minutes=clock.minute)
    return -offset if text[0] == "-" else offset


def format_utc(moment: datetime) -> str:
    """Give an aware instant as `...Z` text to the second, for the times Voltbook itself notes."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
