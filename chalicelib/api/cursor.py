"""The cursor of a paged answer: opaque to clients, and good for the very query it came from only."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

from chalicelib.domain.errors import InvalidRequest, Problem
from chalicelib.services.reading import Filter

LONGEST_MARK: Final = 700
"""Bytes: a day, a period and an id of 128 characters of four bytes each."""


def cursor_of(which: Filter, mark: str) -> str:
    """Give the text that goes on after `mark`."""
    return base64.urlsafe_b64encode(json.dumps([*_place(which), mark]).encode()).decode("ascii")


def mark_of(which: Filter, cursor: str | None) -> str | None:
    """Read a cursor back; raises InvalidRequest for one that is none, or another query's.

    It holds no secret and grants nothing: the query it goes on in is that of the caller, checked anew each time, and
    the mark is only a place inside that query's own range.
    """
    if cursor is None:
        return None
    try:
        *place, mark = json.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError, TypeError, RecursionError):
        raise _unknown() from None
    if place != _place(which) or not _possible(which, mark):
        raise _unknown()
    return str(mark)


def _place(which: Filter) -> list[str | None]:
    return [which.trader_id, which.delivery_day.isoformat() if which.delivery_day else None]


def _possible(which: Filter, mark: object) -> bool:
    """A mark is a sort key: bounded, printable, and of the day asked for where a trader's day is read."""
    if not isinstance(mark, str) or not mark.isprintable() or not 1 <= len(mark.encode()) <= LONGEST_MARK:
        return False
    inside_a_day = which.trader_id is not None and which.delivery_day is not None
    return not inside_a_day or mark.startswith(f"{which.delivery_day}#")


def _unknown() -> InvalidRequest:
    problem = Problem("cursor", "must be the cursor of an earlier answer to the same query")
    return InvalidRequest("the query has a problem", (problem,))
