"""Counts the changes of users made through this process, so that what it caches about them ends at once."""

from __future__ import annotations

from itertools import count

_numbers = count(1)
_latest = [0]


def note_change() -> None:
    _latest[0] = next(_numbers)


def latest_change() -> int:
    return _latest[0]
