"""Rules for ids of trades and traders, of which no two look alike and none looks empty; and keys of file days."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

DAILY_NAME: Final = "daily"
"""The feed of the exchange's daily file, which keys, texts and JSON do not name."""
MAX_NAME: Final = 128
IGNORABLE: Final = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""Ranges of Unicode's Default_Ignorable_Code_Point, which `unicodedata` does not have; a test compares them with the
`regex` package and prints the new table when they differ."""
BLANK: Final = (0x2800, 0x13441, 0x13442, 0x16FE4, 0x1D159)
"""Characters without ink that no Unicode property marks: the braille pattern without dots, two blank hieroglyphs, the
Khitan filler and the null notehead."""


def is_name(value: object) -> bool:
    """Check for 1 to 128 printable characters, which earlier releases booked; new ids must pass `name_problem`."""
    return isinstance(value, str) and 1 <= len(value) <= MAX_NAME and value.isprintable()


def name_problem(name: str) -> str | None:
    """Return the rule that a new id breaks, or None."""
    unseen = None if name.isascii() else _unseen().search(name)
    if unseen is not None:
        found = f"U+{ord(unseen[0]):04X}, character {unseen.start() + 1}"
        return f"must hold no character that is invisible or looks like a blank ({found})"
    if not is_name(name):
        return f"must be text of 1 to {MAX_NAME} printable characters"
    if name != name.strip():
        return "must not begin or end with a space"
    if not _is_composed(name):
        return "must be in Unicode's composed form, NFC"
    return None


def is_plain(text: str) -> bool:
    """Check that every character of a text is visible."""
    return text.isprintable() and (text.isascii() or (_unseen().search(text) is None and _is_composed(text)))


@cache
def _unseen() -> re.Pattern[str]:
    """Return the pattern of what is invisible or blank, the property White_Space without U+0020 among it."""
    ignorable = "".join(f"{chr(first)}-{chr(last)}" for first, last in IGNORABLE)
    return re.compile(rf"[^\S ]|[{ignorable}{''.join(map(chr, BLANK))}]")


def _is_composed(text: str) -> bool:
    if text.isascii():
        return True
    import unicodedata  # noqa: PLC0415 - a megabyte of tables, which most books never need

    return unicodedata.is_normalized("NFC", text)


def feed_day_text(day: date, feed: str) -> str:
    """Return `2026-11-24` for the daily file, else such as `nordpool@2026-11-24`."""
    return day.isoformat() if feed == DAILY_NAME else f"{feed}@{day.isoformat()}"
