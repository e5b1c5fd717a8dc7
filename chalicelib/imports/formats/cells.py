"""Numbers and times in cells, as a mapping declares them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

ISO: Final = "iso"
THOUSANDS: Final = ("", ".", ",", " ", "'")
DIRECTIVES: Final = frozenset("dmYyHMSfzj")
_DIRECTIVE: Final = re.compile(r"%(.)", re.DOTALL)
_UP_TO_SIX: Final = re.compile(r"\d{1,6}", re.ASCII)
_ZONE: Final = re.compile(r"\s*\(?(CEST|CET|MESZ|MEZ|UTC)\)?$")
_OFFSETS: Final = {"CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2}
_FIXED: Final = re.compile(r"([+-])(\d{2}):(\d{2})", re.ASCII)


class Numbers:
    """Reads decimal numbers with the marks of one file."""

    def __init__(self, decimal: str, thousands: str) -> None:
        group = "[ \u00a0\u202f]" if thousands == " " else re.escape(thousands)
        whole = rf"\d{{1,3}}(?:{group}\d{{3}})+|\d+" if thousands else r"\d+"
        self._pattern = re.compile(
            rf"(?P<sign>[+-]?)(?P<whole>{whole})(?:{re.escape(decimal)}(?P<decimals>\d+))?", re.ASCII
        )
        self._group = re.compile(group) if thousands else None
        self._expected = f"must be a number with {decimal!r} before its decimals" + (
            f" and {thousands!r} between its thousands" if thousands else ""
        )

    def canonical(self, text: str) -> str:
        """Return the number with a point, without needless zeros; raises ValueError."""
        match = self._pattern.fullmatch(text.replace("\N{MINUS SIGN}", "-"))
        if match is None:
            raise ValueError(self._expected)
        whole = self._group.sub("", match["whole"]) if self._group else match["whole"]
        decimals = (match["decimals"] or "").rstrip("0")
        number = (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "")
        return f"-{number}" if match["sign"] == "-" else number


class Instant(NamedTuple):
    """`suffix` is the fraction of the second as it was written."""

    moment: datetime
    suffix: str

    @property
    def text(self) -> str:
        return f"{self.moment:%Y-%m-%dT%H:%M:%S}{self.suffix}Z"


class Times:
    """Reads times in one format on the clock of one zone."""

    def __init__(self, form: str, zone: tzinfo | None) -> None:
        self._form, self._zone = form, zone
        self.candidates = lru_cache(maxsize=4096)(self._candidates)

    def _candidates(self, text: str) -> Sequence[Instant]:
        """Return the instants in UTC that a text can be: two if the clock shows the time twice; raises ValueError."""
        bare, named = text, None
        if match := _ZONE.search(text):
            bare, named = text[: match.start()], match[1]
        local = _parsed(bare, self._form)
        suffix = f".{_fraction(bare, local.microsecond)}" if local.microsecond else ""
        return [Instant(moment.replace(microsecond=0), suffix) for moment in self._moments(local, named)]

    def one(self, text: str) -> Instant:
        """Return the instant of a text; raises ValueError if the clock shows it twice or never."""
        found = self._candidates(text)  # the times of execution, which hardly recur
        if len(found) > 1:
            raise ValueError("is ambiguous: the clock shows this time twice that day")
        return found[0]

    def _moments(self, local: datetime, named: str | None) -> list[datetime]:
        if local.tzinfo is not None:
            if named is not None:
                raise ValueError(f"must have an offset or {named}, not both")
            return [local.astimezone(UTC)]
        if named == "UTC":
            return [local.replace(tzinfo=UTC)]
        if self._zone is None:
            raise ValueError("must have an offset: the mapping has no timezone")
        return self._on_the_clock(local, named)

    def _on_the_clock(self, local: datetime, named: str | None) -> list[datetime]:
        first = local.replace(tzinfo=self._zone, fold=0)
        if named is None and first.utcoffset() == first.replace(fold=1).utcoffset():
            return [first.astimezone(UTC)]
        folds = [local.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1)]
        found = [moment.astimezone(UTC) for moment in folds if _exists(moment)]
        if not found:
            raise ValueError("does not exist: the clock skips this time that day")
        if named is not None:
            found = [one for one in found if local - one.replace(tzinfo=None) == timedelta(hours=_OFFSETS[named])]
            if not found:
                raise ValueError(f"is not {named} in the time zone of the mapping")
        return sorted(set(found))


def read_day(text: str, form: str) -> date:
    """Return a day; raises ValueError."""
    try:
        return date.fromisoformat(text) if form == ISO else _parsed(text, form).date()
    except ValueError as error:
        raise ValueError(_expected(form, "a day")) from error


def zone_of_name(name: str) -> tzinfo:
    """Return a time zone by its IANA name or as an offset such as +01:00; raises ValueError."""
    try:
        if match := _FIXED.fullmatch(name):
            offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
            return timezone(-offset if match[1] == "-" else offset)
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("must be a time zone such as Europe/Berlin or +01:00") from error


def form_problem(form: str) -> str | None:
    """Return what is wrong with a format of times, or None."""
    if form == ISO:
        return None
    directives = _DIRECTIVE.findall(form)
    wrong = [f"%{one}" for one in directives if one not in DIRECTIVES]
    if wrong:
        known = ", ".join(f"%{one}" for one in sorted(DIRECTIVES))
        return f"has {', '.join(wrong)}; expected iso, or a format of {known}"
    if len(set(directives)) != len(directives):
        return "names a part twice"
    if not {"Y", "y"} & set(directives) or not ({"m", "d"} <= set(directives) or "j" in directives):
        return "must have a day, such as %d.%m.%Y"
    return "must have %z in place of Z: a bare Z is read as any other letter" if form.endswith("Z") else None


def _exists(moment: datetime) -> bool:
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) == moment.replace(tzinfo=None)


def _fraction(text: str, microsecond: int) -> str:
    """Return the fraction of the second as the text has it anywhere, up to microseconds."""
    digits = f"{microsecond:06d}"
    written = [found for found in _UP_TO_SIX.findall(text) if found.ljust(6, "0") == digits]
    return written[-1] if written else digits.rstrip("0")


@lru_cache(maxsize=65536)  # a file is read several times
def _parsed(text: str, form: str) -> datetime:
    try:
        return _of_form(text, form)
    except ValueError as error:
        with suppress(ValueError, OverflowError):  # 24:00 is an hour only in what is no time: 09:24:00 is one
            midnight = _of_form(text.replace("24:00", "00:00", 1), form)
            if midnight.time() == time():
                return midnight + timedelta(days=1)
        raise ValueError(_expected(form, "a time")) from error


def _of_form(text: str, form: str) -> datetime:
    if not text.isascii():
        raise ValueError(text)
    # Without an offset it is on the clock of the mapping's zone, which the caller adds.
    return datetime.fromisoformat(text) if form == ISO else datetime.strptime(text, form)  # noqa: DTZ007 - see above


def _expected(form: str, what: str) -> str:
    return f"must be {what} that exists, written as {'ISO 8601' if form == ISO else form}"
