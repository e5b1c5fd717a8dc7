"""Instants as text: read as RFC 3339, shown in UTC with the digits of the input."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_ISO: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}[Tt](?:[01]\d|2[0-3]):\d{2})(:\d{2}(?:\.\d+)?)?([Zz]|[+-]\d{2}:[0-5]\d)",
    re.ASCII,
)
"""RFC 3339, or without seconds; no leap seconds."""
_WHOLE_SECONDS: Final = len(":00")
_DIGITS: Final = 6
"""Of a second, as a datetime has; finer digits are cut, not rounded, so that no instant moves forward."""
_MICROSECOND: Final = timedelta(microseconds=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2099
EXPECTED: Final = "must be an ISO 8601 time with Z or an offset, such as 2023-02-20T10:00:00Z"


def to_utc(text: str) -> str:
    """Return the instant as `...Z` text with at most six digits of a second; raises ValueError."""
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(EXPECTED)
    minute, seconds, offset = match.groups("")
    minute, offset = minute.upper(), offset.upper()
    whole, fraction = seconds[:_WHOLE_SECONDS], seconds[_WHOLE_SECONDS : _WHOLE_SECONDS + 1 + _DIGITS]
    try:
        moment = datetime.fromisoformat(minute + whole + offset).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{EXPECTED}: no such time") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"{EXPECTED}, in a year from {FIRST_YEAR} to {LAST_YEAR}")
    if offset == "Z":
        return f"{minute}{whole}{fraction}Z"
    shown = "%Y-%m-%dT%H:%M:%S" if whole else "%Y-%m-%dT%H:%M"
    return f"{moment:{shown}}{fraction}Z"


def instant(text: str) -> datetime:
    """Read a text that `to_utc` returned; aware, in UTC."""
    return datetime.fromisoformat(text)


def times_agree(one: str, other: str) -> bool:
    """Check whether two texts of `to_utc` can be the same time.

    The finer one, cut or rounded (half up) to the digits of the other, must equal it: 10:00:00.5 agrees with 10:00:00
    and with 10:00:01, which do not agree with each other.
    """
    if one == other:
        return True
    fine, coarse = sorted((one, other), key=_step)
    step, ahead = _step(coarse), (instant(coarse) - instant(fine)) // _MICROSECOND
    return -step < ahead and 2 * ahead <= step


def finer(one: str, other: str) -> str:
    """Return the text with more digits; the first if both are the same instant."""
    return other if len(other) > len(one) and instant(one) != instant(other) else one


def _step(text: str) -> int:
    """Return the resolution of a text in microseconds."""
    shown = len(text) - len("2023-02-20T10:00Z")
    if shown < _WHOLE_SECONDS:
        return 60 * 10**_DIGITS
    fraction = shown - _WHOLE_SECONDS
    return int(10 ** (_DIGITS - max(fraction - 1, 0)))


def format_utc(moment: datetime) -> str:
    """Return an aware instant as `...Z` text to the second."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def millis(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def micros(moment: datetime) -> int:
    """Return microseconds since 1970."""
    return (moment - EPOCH) // _MICROSECOND


def from_millis(moment: int | None) -> datetime | None:
    return None if moment is None else EPOCH + timedelta(milliseconds=moment)
