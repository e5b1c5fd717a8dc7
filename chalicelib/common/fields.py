"""Strict reader of fields that are JSON values; reports all problems at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from chalicelib.common import timestamps
from chalicelib.common.delivery import QUARTER, hour_period, parse_day
from chalicelib.common.errors import Problem
from chalicelib.common.names import MAX_NAME, is_name, is_plain, name_problem
from chalicelib.common.strict_json import kind_of

MAX_DIGITS: Final = 15
LAST_HOUR: Final = 23
SHOWN: Final = 60
_DECIMAL: Final = re.compile(r"(-?)(0|[1-9][0-9]{0,14})(?:\.([0-9]+))?")
_DECIMAL_COMMA: Final = re.compile(r"-?[0-9]{1,3}(?:[. ']?[0-9]{3}){0,4},[0-9]{1,15}")
_PART_OF_A_SECOND: Final = r"\.0*[1-9]"

Check = Callable[[object], object]
"""Returns the value as it is stored; raises InvalidValue."""


class InvalidValue(Exception):
    """The message says what was expected."""


def read_fields(
    fields: Mapping[str, object], checks: Mapping[str, Check], what: str, optional: Collection[str] = ()
) -> tuple[dict[str, object], list[Problem]]:
    """Return the values that could be read, and all problems; an `optional` field may be absent."""
    values: dict[str, object] = {}
    problems = [
        Problem(_plain(name), f"is no field of {what}; {what} has {', '.join(checks)}")
        for name in fields
        if name not in checks
    ]
    for name, check in checks.items():
        if name not in fields:
            if name not in optional:
                problems.append(Problem(name, "is required"))
            continue
        try:
            values[name] = check(fields[name])
        except InvalidValue as error:
            problems.append(Problem(name, f"{error}, got {shown_value(fields[name])}"))
    return values, problems + _missing_hour(values)


def _missing_hour(values: Mapping[str, object]) -> list[Problem]:
    day, hour = values.get("delivery_day"), values.get("delivery_hour")
    if isinstance(day, date) and isinstance(hour, int) and hour_period(day, hour) is None:
        return [Problem("delivery_hour", f"must exist on {day}: the clocks skip hour {hour} that day")]
    return []


def read_name(value: object) -> str:
    """Read an id that is not stored yet."""
    if not isinstance(value, str):
        return read_stored_name(value)
    problem = name_problem(value)
    if problem is not None:
        raise InvalidValue(problem)
    return value


def read_stored_name(value: object) -> str:
    """Read an id that may have been stored by a release with weaker rules."""
    if isinstance(value, str) and is_name(value):
        return value
    raise InvalidValue(f"must be text of 1 to {MAX_NAME} printable characters")


def read_integer(value: object, expected: str) -> int:
    if type(value) is int and abs(value) < 10**MAX_DIGITS:
        return value
    raise InvalidValue(f"must be a whole number {expected} of at most {MAX_DIGITS} digits")


def read_price(value: object) -> int:
    return read_integer(value, "of eurocent/MWh")


def read_decimal(value: object, places: int, expected: str) -> int:
    """Read decimal text with up to `places` decimals, such as `-0.50`; return it in units of the last place."""
    if not isinstance(value, str):
        raise InvalidValue(f'must be {expected}, as text such as "12.5"')
    match = _DECIMAL.fullmatch(value)
    sign, whole, decimals = match.groups("") if match else ("", "", "")
    if whole and len(decimals) <= places:
        units = int(whole + decimals.ljust(places, "0"))
        return -units if sign else units
    if _DECIMAL_COMMA.fullmatch(value):
        raise InvalidValue(f"must have a point, not a comma: {_plain_number(value)}")
    raise InvalidValue(f"must be {expected}, with a point and up to {places} decimals, such as 12.5")


def _plain_number(text: str) -> str:
    whole, decimals = text.split(",")
    return f"{re.sub('[^0-9-]', '', whole)}.{decimals}"


def read_hour(value: object) -> int:
    if type(value) is int and 0 <= value <= LAST_HOUR:
        return value
    raise InvalidValue("must be a whole hour from 0 to 23")


def read_day(value: object) -> date:
    try:
        return parse_day(value)
    except ValueError as error:
        raise InvalidValue(str(error)) from error


def read_instant(value: object) -> str:
    """Return an instant as `...Z` text in UTC."""
    if not isinstance(value, str):
        raise InvalidValue(timestamps.EXPECTED)
    try:
        return timestamps.to_utc(value)
    except ValueError as error:
        raise InvalidValue(str(error)) from error


def read_quarter_hour(value: object) -> datetime:
    """Return an instant on a quarter-hour, aware and in UTC."""
    return _quarter_hour(value) if isinstance(value, str) else _quarter_hour("")


@lru_cache(maxsize=4096)  # a file states each start and end of delivery many times
def _quarter_hour(value: str) -> datetime:
    moment = timestamps.instant(read_instant(value))
    if moment.minute % QUARTER or moment.second or re.search(_PART_OF_A_SECOND, value):
        raise InvalidValue(f"must be on a multiple of {QUARTER} minutes")
    return moment


def shown_value(value: object) -> str:
    if isinstance(value, dict | list):
        return kind_of(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return _short(ascii(value) if isinstance(value, str) and not is_plain(value) else repr(value))


def _plain(name: str) -> str:
    return _short(name if name.isprintable() else ascii(name))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
