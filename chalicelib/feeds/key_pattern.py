"""Patterns of keys: a date in one of three forms, and `*` for any text without `/`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final, NamedTuple

DATES: Final = {"{YYYY-MM-DD}": "%Y-%m-%d", "{YYYYMMDD}": "%Y%m%d", "{DD.MM.YYYY}": "%d.%m.%Y"}
_ANY: Final = "*"
_WORD: Final = "import"
_TOKEN: Final = re.compile(r"\{[^{}]*\}|[*]|[{}]")
_DATES: Final = {
    "{YYYY-MM-DD}": r"(\d{4}-\d{2}-\d{2})",
    "{YYYYMMDD}": r"(\d{8})",
    "{DD.MM.YYYY}": r"(\d{2}\.\d{2}\.\d{4})",
    _ANY: "[^/]*",
}
_MOST: Final = 200
_ANY_DATE: Final = re.compile(
    r"(?<!\d)(?:(\d{4})([-_. ]?)(\d{2})\2(\d{2})|(\d{2})[._-](\d{2})[._-](\d{4}))(?!\d)", re.ASCII
)
_NOISE: Final = re.compile(r"copy of|kopie von|copy|kopie|\.(?:gz|gzip|zip|tmp|part|filepart|bak|old|txt)\b|[^a-z]")


class InvalidPattern(ValueError):
    """A pattern that no feed can have, with the reason."""


class KeyPattern(NamedTuple):
    text: str

    @classmethod
    def read(cls, text: str) -> KeyPattern:
        """Return the pattern of a text; raises InvalidPattern."""
        tokens = _TOKEN.findall(text)
        dates = [token for token in tokens if token in DATES]
        unknown = [token for token in tokens if token not in _DATES]
        forms = ", ".join(DATES)
        if unknown:
            raise InvalidPattern(f"has {unknown[0]}; expected one of {forms}")
        if len(dates) != 1:
            raise InvalidPattern(f"must have the file day once, as one of {forms}")
        parts = text.split("/")
        if not text.isprintable() or len(text) > _MOST or not all(parts) or {".", ".."} & {*parts}:
            example = "folder/name_{YYYYMMDD}.csv"
            raise InvalidPattern(f"must be a key of at most {_MOST} printable characters, such as {example}")
        return cls(text)

    @property
    def is_open(self) -> bool:
        """Whether several keys may be of one day."""
        return _ANY in self.text

    def prefix_of(self, day: date) -> str:
        """Return the beginning that all keys of a day have."""
        return _dated(self.text.partition(_ANY)[0], day)

    def key(self, day: date) -> str:
        """Return the key of a day with nothing in place of `*`, or a word where that would leave a folder nameless."""
        parts = (_WORD if set(part) == {_ANY} else part for part in self.text.split("/"))
        return _dated("/".join(parts).replace(_ANY, ""), day)

    def day_of(self, key: str) -> date | None:
        expression, form = _compiled(self.text)
        match = expression.fullmatch(key)
        if match is None:
            return None
        try:
            return datetime.strptime(match[1], form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            return None

    def near_miss(self, key: str) -> date | None:
        """Return the day in a key whose file name has the letters of the pattern's, in whatever spelling."""
        name, wanted = (unicodedata.normalize("NFKC", text).rpartition("/")[2].lower() for text in (key, self.text))
        found = _ANY_DATE.search(name)
        if found is None or _letters(_ANY_DATE.sub("", name)) != _letters(_TOKEN.sub("", wanted)):
            return None
        year, _, month, day, german_day, german_month, german_year = found.groups()
        try:
            return date(int(year or german_year), int(month or german_month), int(day or german_day))
        except ValueError:
            return None

    def overlaps(self, other: KeyPattern) -> bool:
        """Check whether a key may match both patterns."""
        return _meet(tuple(_elements(self.text)), tuple(_elements(other.text)))


def _dated(text: str, day: date) -> str:
    for token, form in DATES.items():
        text = text.replace(token, day.strftime(form))
    return text


def _letters(text: str) -> str:
    return _NOISE.sub("", text)


@lru_cache(maxsize=64)
def _compiled(text: str) -> tuple[re.Pattern[str], str]:
    parts = re.split(r"(\{[^{}]*\}|[*])", text)
    form = next(DATES[part] for part in parts if part in DATES)
    return re.compile("".join(_DATES.get(part) or re.escape(part) for part in parts), re.ASCII), form


def _elements(text: str) -> Iterator[str]:
    """Yield single characters, `digit` and `*`."""
    for part in re.split(r"(\{[^{}]*\}|[*])", text):
        if part in DATES:
            yield from ("digit" if letter.isalpha() else letter for letter in part[1:-1])
        elif part == _ANY:
            yield _ANY
        else:
            yield from part


@lru_cache(maxsize=8192)
def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    if not one or not other:
        return all(element == _ANY for element in (*one, *other))
    if one[0] == _ANY or other[0] == _ANY:
        open_one, fixed = (one, other) if one[0] == _ANY else (other, one)
        return _meet(open_one[1:], fixed) or (fixed[0] != "/" and _meet(open_one, fixed[1:]))
    first, second = one[0], other[0]
    same = first == second or ("digit" in {first, second} and (first + second).replace("digit", "").isdigit())
    return same and _meet(one[1:], other[1:])
