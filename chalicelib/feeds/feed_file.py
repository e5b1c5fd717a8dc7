"""The file of feeds, `feeds.toml`: read strictly, every fault with its table and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from itertools import combinations
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.fields import shown_value
from chalicelib.feeds.feed import BUILT_IN, DAILY, REFERENCE_PRICES, Feed, FeedKind
from chalicelib.feeds.key_pattern import InvalidPattern, KeyPattern

MAX_BYTES: Final = 256 * 1024
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAME: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_VENUE: Final = re.compile(r"[a-z0-9-]{1,16}", re.ASCII)
_FORMAT: Final = re.compile(r"(?:mapping:)?[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
_CLOCK: Final = re.compile(r"\d{2}:\d{2}", re.ASCII)
_FIXED: Final = ("kind", "venue", "format", "pattern")
"""What cannot be set of a built-in feed."""


class InvalidFeeds(InvalidRequest):
    code = "invalid_feeds"

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"the feeds in {file} have {count}", problems)


class _Fault(Exception):
    """The message says what was expected."""


def load_feeds(path: Path, *, required: bool = False) -> tuple[Feed, ...]:
    """Return the built-in feeds and those of a file, which may be absent unless required; raises InvalidFeeds."""
    try:
        content = path.read_bytes()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not required:
            return BUILT_IN
        unread = Problem(
            "VOLTBOOK_FEEDS", f"must be the path of a file that can be read, got '{path}': {error.strerror}"
        )
        raise InvalidFeeds(path.name, (unread,)) from error
    return read_feeds(content, path.name)


def read_feeds(content: bytes, file: str) -> tuple[Feed, ...]:
    """Return the built-in feeds, as the file sets them, and its own; raises InvalidFeeds with every fault."""
    tables = _tables(content, file)
    problems: list[Problem] = []
    feeds = {feed.name: feed for feed in BUILT_IN}
    named: set[str] = set()
    for number, table in enumerate(tables, start=1):
        name = table.get("name")
        where = f"[[feed]] {name if isinstance(name, str) else number}"
        known = feeds.get(name) if isinstance(name, str) else None
        if known is not None and name in named:
            problems.append(Problem(where, "is there twice; each feed has one table"))
            continue
        feed = _feed(table, where, known, problems)
        if feed is not None:
            named.add(feed.name)
            feeds[feed.name] = feed
    for one, other in combinations(feeds.values(), 2):
        if one.pattern.overlaps(other.pattern):
            both = f"{one.pattern.text!r} and {other.pattern.text!r}"
            message = f"can be the same as a key of {one.name} ({both}); each key belongs to one feed"
            problems.append(Problem(f"[[feed]] {other.name}: pattern", message))
    if problems:
        raise InvalidFeeds(file, tuple(problems))
    return tuple(feeds.values())


def _tables(content: bytes, file: str) -> Sequence[Mapping[str, Any]]:
    if len(content) > MAX_BYTES:
        raise InvalidFeeds(file, (Problem("file", f"has more than {MAX_BYTES} bytes"),))
    try:
        declared = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidFeeds(file, (Problem("file", f"is not TOML: {error}"),)) from error
    unknown = [name for name in declared if name != "feed"]
    tables = declared.get("feed", [])
    if unknown:
        raise InvalidFeeds(file, (Problem(unknown[0], "is unknown; expected: tables [[feed]]"),))
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InvalidFeeds(file, (Problem("feed", "must be tables: write [[feed]] before each"),))
    return tables


def _feed(table: Mapping[str, Any], where: str, known: Feed | None, problems: list[Problem]) -> Feed | None:
    found: dict[str, Any] = {}
    before = len(problems)
    for key, value in table.items():
        if key not in KEYS:
            problems.append(Problem(f"{where}: {key}", f"is unknown; expected: {', '.join(KEYS)}"))
        elif known is not None and key in _FIXED:
            problems.append(Problem(f"{where}: {key}", "cannot be set, as the feed is built in"))
        elif known is None or key != "name":
            try:
                found[key] = KEYS[key](value)
            except _Fault as fault:
                problems.append(Problem(f"{where}: {key}", f"{fault}, got {shown_value(value)}"))
    if known is None:
        problems += [Problem(where, f"has no {key}") for key in ("name", "kind", "pattern") if key not in table]
    if len(problems) > before:
        return None
    feed = replace(known, **found) if known is not None else _new(found)
    _check(feed, where, problems)
    return feed


def _new(found: Mapping[str, Any]) -> Feed:
    prices = found["kind"] is FeedKind.PRICES
    days = {"deadline_days": REFERENCE_PRICES.deadline_days} if prices and "deadline" not in found else {}
    return Feed(**{"deadline": None if prices else DAILY.deadline, **days, **found})


def _check(feed: Feed, where: str, problems: list[Problem]) -> None:
    if feed.required and feed.since is None and not feed.is_daily:
        problems.append(Problem(f"{where}: since", "is missing: a required feed needs the first file day to expect"))
    if feed.is_daily and not feed.required:
        problems.append(Problem(f"{where}: required", "must be true: no day is complete without the daily file"))
    if feed.is_daily and feed.file_days != DAILY.file_days:
        expected = list(DAILY.file_days)
        problems.append(Problem(f"{where}: file_days", f"must be {expected}, as trading opens the day before delivery"))
    if feed.required and feed.kind is FeedKind.PRICES:
        problems.append(Problem(f"{where}: required", "must be false: delivery days do not wait for prices"))
    if feed.deadline is None and feed.deadline_days > 1:
        problems.append(Problem(f"{where}: deadline_days", "is without effect: give the deadline too"))


def _name(value: object) -> str:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise _Fault("must be 1 to 32 lower case letters, digits or -")


def _kind(value: object) -> FeedKind:
    if value in ("trades", "prices"):
        return FeedKind(str(value))
    raise _Fault("must be 'trades' or 'prices'")


def _matching(form: re.Pattern[str], expected: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if isinstance(value, str) and form.fullmatch(value):
            return value
        raise _Fault(f"must be {expected}")

    return read


def _pattern(value: object) -> KeyPattern:
    if not isinstance(value, str):
        raise _Fault("must be text")
    if value.startswith("*"):
        raise _Fault("must not begin with *, which would list the whole bucket: put a folder or other text before it")
    try:
        return KeyPattern.read(value)
    except InvalidPattern as error:
        raise _Fault(str(error)) from error


def _deadline(value: object) -> time:
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass
    raise _Fault('must be a time of day such as "09:30"')


def _timezone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (ValueError, OSError, KeyError) as error:
        raise _Fault("must be a time zone such as Europe/Berlin") from error


def _number(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise _Fault(f"must be a whole number from {least} to {most}")

    return read


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _Fault("must be true or false")


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise _Fault("must be a date without quotes, such as 2026-11-01")


def _weekdays(value: object) -> frozenset[int]:
    if isinstance(value, list) and value and all(day in WEEKDAYS for day in value):
        return frozenset(map(WEEKDAYS.index, value))
    raise _Fault(f"must be a list of {', '.join(WEEKDAYS)}")


def _file_days(value: object) -> tuple[int, ...]:
    near = range(-7, 8)
    if isinstance(value, list) and value and all(type(day) is int and day in near for day in value):
        return tuple(sorted(set(value)))
    raise _Fault("must be a list of whole numbers from -7 to 7, such as [-1, 0]")


KEYS: Final[Mapping[str, Callable[[object], Any]]] = {
    "name": _name,
    "kind": _kind,
    "venue": _matching(_VENUE, "1 to 16 lower case letters, digits or -"),
    "format": _matching(_FORMAT, 'the name of a format, such as "voltbook-v2", "mapping:blotter-de" or "auto"'),
    "pattern": _pattern,
    "deadline": _deadline,
    "deadline_days": _number(-2, 7),
    "timezone": _timezone,
    "look_back": _number(1, 31),
    "required": _flag,
    "since": _day,
    "weekdays": _weekdays,
    "file_days": _file_days,
}
