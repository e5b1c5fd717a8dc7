"""The cursor of a paged answer: opaque, for one user and query, and granting no permission."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

from chalicelib.access.identity import Identity
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.trades.reading import Filter
from chalicelib.trades.side import BETWEEN
from chalicelib.trades.store import Only

LONGEST_MARK: Final = 700
"""Bytes: a day, a period, a venue and an id of 128 characters of four bytes each."""


def cursor_of(which: Filter, mark: str, caller: Identity) -> str:
    text = json.dumps([mark, _signature(which, mark, caller)])
    return base64.urlsafe_b64encode(text.encode()).decode("ascii")


def mark_of(which: Filter, cursor: str | None, caller: Identity) -> str | None:
    """Return the mark in a cursor; raises InvalidRequest unless it was made for this user and query."""
    if cursor is None:
        return None
    from hmac import compare_digest

    try:
        mark, signature = json.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
        signed = compare_digest(signature.encode(), _signature(which, mark, caller).encode())
    except (binascii.Error, UnicodeError, ValueError, TypeError, AttributeError, RecursionError):
        raise _invalid() from None
    if not signed or not _possible(which, mark):
        raise _invalid()
    return str(mark)


def _signature(which: Filter, mark: str, caller: Identity) -> str:
    """Sign with the user's seal, which changes with their password, so that no other mark can be asked for."""
    from hashlib import sha256
    from hmac import new

    day = which.delivery_day.isoformat() if which.delivery_day else None
    more = [*([] if which.only == Only() else which.only), *([which.hour] if which.hour else [])]
    place = json.dumps([caller.name, which.trader_id, day, mark, *more])
    return new(caller.seal.encode(), place.encode(), sha256).hexdigest()


def _possible(which: Filter, mark: object) -> bool:
    if not isinstance(mark, str) or not mark.replace(BETWEEN, "").isprintable():
        return False
    if not 1 <= len(mark.encode()) <= LONGEST_MARK:
        return False
    inside_a_day = which.trader_id is not None and which.delivery_day is not None
    return not inside_a_day or mark.startswith(f"{which.delivery_day}#")


def _invalid() -> InvalidRequest:
    problem = Problem("cursor", "must be the cursor of an earlier answer to the same query")
    return InvalidRequest("the query has a problem", (problem,))
