"""Delivery periods: stored as a UTC start and minutes, shown as hours in Europe/Berlin."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.timestamps import format_utc

BERLIN: Final = ZoneInfo("Europe/Berlin")
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
"""Outside these years a date is a typing error: Germany's power exchange opened in 2000."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY_FORM: Final = "must be a day written YYYY-MM-DD"
_HOUR_NAME: Final = r"(0?[0-9]|1[0-9]|2[0-3])([AaBb]?)"
HOUR: Final = 60
QUARTER: Final = 15
"""Minutes of a slot, the finest grain of delivery."""
MAX_DAYS: Final = 366


class Period(NamedTuple):
    start: datetime  # aware, in UTC
    minutes: int

    @property
    def key(self) -> str:
        """Text that sorts in delivery order: `2023-02-28T12:00Z/60`; never contains a `#`."""
        return _key_of(self)

    @staticmethod
    @lru_cache(maxsize=16384)
    def of_key(key: str) -> Period:
        start, minutes = key.split("/")
        return Period(datetime.fromisoformat(start), int(minutes))

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)

    @property
    def local_hour(self) -> int:
        return _berlin_hour(self.start)


@lru_cache(maxsize=16384)
def _key_of(period: Period) -> str:
    return f"{period.start:%Y-%m-%dT%H:%MZ}/{period.minutes}"


@lru_cache(maxsize=16384)  # more than the hours of a year; a report needs each of them many times
def _berlin_hour(instant: datetime) -> int:
    return instant.astimezone(BERLIN).hour


class HourRow(NamedTuple):
    """One hour label of a delivery day."""

    hour: int
    start: datetime
    minutes: int  # 120 if the clock shows this hour twice

    @property
    def label(self) -> str:
        return hour_label(self.hour)

    @property
    def hours(self) -> int:
        return self.minutes // HOUR


def hour_label(hour: int) -> str:
    """Return `13 - 14` for hour 13."""
    return f"{hour:02d} - {hour + 1:02d}"


def day_start(day: date) -> datetime:
    """Return midnight in Berlin, in UTC."""
    return datetime.combine(day, time(), BERLIN).astimezone(UTC)


def day_end(day: date) -> datetime:
    return day_start(day + timedelta(days=1))


@lru_cache(maxsize=4096)
def hours_of(day: date) -> tuple[HourRow, ...]:
    """Return the hour labels of a day in order: 23 when the clocks go forward, else 24."""
    rows: dict[int, HourRow] = {}
    start, end = day_start(day), day_end(day)
    while start < end:
        hour = start.astimezone(BERLIN).hour
        earlier = rows.get(hour)
        rows[hour] = HourRow(hour, earlier.start, earlier.minutes + HOUR) if earlier else HourRow(hour, start, HOUR)
        start += timedelta(minutes=HOUR)
    return tuple(rows[hour] for hour in sorted(rows))


class SlotRow(NamedTuple):
    """A row of a delivery day at hour or quarter-hour grain; an hour that occurs twice is two rows, A and B."""

    period: str
    """`13`, `02A`, `13:15`, `02:15B`."""
    label: str
    """`13 - 14`, `02 - 03 A`, `13:15 - 13:30`, `02:15 - 02:30 B`."""
    start: datetime
    minutes: int


@lru_cache(maxsize=4096)
def slot_rows(day: date, minutes: int) -> tuple[SlotRow, ...]:
    """Return the rows of a day in order, each of `minutes` (60 or 15): 23, 24 or 25 hours, 92, 96 or 100 slots."""
    start, end = day_start(day), day_end(day)
    starts = [start + timedelta(minutes=n) for n in range(0, int((end - start) / timedelta(minutes=1)), minutes)]
    return tuple(_slot_row(instant, minutes) for instant in starts)


def _slot_row(start: datetime, minutes: int) -> SlotRow:
    local = start.astimezone(BERLIN)
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    letter = "AB"[local.fold] if twice else ""
    suffix = f" {letter}" if letter else ""
    if minutes == HOUR:
        return SlotRow(f"{local:%H}{letter}", f"{hour_label(local.hour)}{suffix}", start, minutes)
    until = local.hour * HOUR + local.minute + minutes
    label = f"{local:%H:%M} - {until // HOUR:02d}:{until % HOUR:02d}{suffix}"
    return SlotRow(f"{local:%H:%M}{letter}", label, start, minutes)


def hour_of_day(day: date, text: str) -> Period:
    """Return the time of an hour by its name: `13`, `02A`, or `02` for both hours 02; raises ValueError."""
    twice = {row.period: Period(row.start, row.minutes) for row in slot_rows(day, HOUR)}
    hours = {f"{row.hour:02d}": Period(row.start, row.minutes) for row in hours_of(day)}
    named = re.fullmatch(_HOUR_NAME, text)
    if named is None:
        letters = [name for name in twice if name not in hours]
        expected = f"must be an hour from 00 to 23{', or ' if letters else ''}{' or '.join(letters)}"
        raise ValueError(f"{expected}, got {text[:20]!r}")
    hour, letter = named[1].zfill(2), named[2].upper()
    if found := (twice | hours).get(hour + letter):
        return found
    reason = f"{hour} occurs once, without a letter" if hour in hours else f"the clocks skip {hour} on that day"
    raise ValueError(f"must be an hour of {day}: {reason}, got {text!r}")


@lru_cache(maxsize=65536)
def hour_period(day: date, hour: int) -> Period | None:
    """Return the one-hour period of this hour; None if the clock skips it.

    Of an hour that occurs twice, both contracts are booked under the start of the first, each as one hour of energy.
    """
    return next((Period(row.start, HOUR) for row in hours_of(day) if row.hour == hour), None)


@lru_cache(maxsize=16384)
def hours_within(period: Period) -> tuple[Period, ...]:
    """Return the parts of a period by hour label; an hour that occurs twice is one part of up to 120 minutes."""
    parts: list[Period] = []
    begin, end = period.start, period.start + timedelta(minutes=period.minutes)
    while begin < end:
        until = min(begin.replace(minute=0) + timedelta(minutes=HOUR), end)
        part = Period(begin, (until - begin) // timedelta(minutes=1))
        if parts and parts[-1].local_hour == part.local_hour:
            part = Period(parts[-1].start, parts.pop().minutes + part.minutes)
        parts.append(part)
        begin = until
    return tuple(parts)


def berlin_day(instant: datetime) -> date:
    return instant.astimezone(BERLIN).date()


def parse_day(text: object) -> date:
    """Read exactly `YYYY-MM-DD`; raises ValueError."""
    if isinstance(text, str):
        return _day_of(text)
    raise ValueError(_DAY_FORM)


@lru_cache(maxsize=1024)  # a file has thousands of rows and few days
def _day_of(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError(_DAY_FORM)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("must be a day that exists, written YYYY-MM-DD") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"must be a day from {FIRST_DAY} to {LAST_DAY}")
    return day


def days_between(start_day: date, end_day: date) -> list[date]:
    """Return the days of an inclusive range; raises InvalidRequest if it is backwards or too long."""
    if end_day < start_day:
        problem = Problem("end_day", f"must not be before start_day {start_day}, got {end_day}")
        raise InvalidRequest("the range of days is backwards", (problem,))
    count = (end_day - start_day).days + 1
    if count > MAX_DAYS:
        problem = Problem("end_day", f"must be at most {MAX_DAYS} days from start_day, got {count} days")
        raise InvalidRequest("the range of days is too long", (problem,))
    return [start_day + timedelta(days=n) for n in range(count)]


def on_both_clocks(instant: datetime) -> str:
    """Return `2026-06-16 08:00 in Berlin (2026-06-16T06:00:00Z)`."""
    return f"{instant.astimezone(BERLIN):%Y-%m-%d %H:%M} in Berlin ({format_utc(instant)})"
