"""Exit codes, and the one table that turns what can go wrong into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.domain.daily_file import UnreadableFile
from chalicelib.domain.errors import (
    AlreadyExists,
    AnswerTooLarge,
    ConflictingTrade,
    DamagedHistory,
    ImportUnderWay,
    InvalidJson,
    InvalidRequest,
    InvalidTrade,
    NotAllowed,
    NotFound,
    TooLarge,
    TooManyAttempts,
    Unauthenticated,
    Unavailable,
    VoltbookError,
)
from chalicelib.domain.receipt import BOOKED_STATES, FileState
from chalicelib.domain.reference_price import InvalidPrices


class NotThere(VoltbookError):
    """The book asked for cannot be reached; the message says what to do."""

    code = "not_there"


DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
"""Click's own for a command line it cannot read."""
SET_ASIDE: Final = 3
"""Rows were quarantined, or a file was rejected, is held or is not whole yet."""
NOT_ALLOWED: Final = 4
UNREACHABLE: Final = 5
INTERRUPTED: Final = 130

EXIT_CODES: Final[Mapping[type[VoltbookError], int]] = {
    VoltbookError: FAILED,
    InvalidRequest: FAILED,
    InvalidJson: FAILED,
    InvalidTrade: FAILED,
    ConflictingTrade: FAILED,
    AnswerTooLarge: FAILED,
    TooLarge: FAILED,
    NotFound: FAILED,
    AlreadyExists: FAILED,
    ImportUnderWay: FAILED,
    DamagedHistory: FAILED,
    InvalidPrices: SET_ASIDE,
    UnreadableFile: SET_ASIDE,
    Unauthenticated: NOT_ALLOWED,
    NotAllowed: NOT_ALLOWED,
    TooManyAttempts: NOT_ALLOWED,
    Unavailable: UNREACHABLE,
    NotThere: UNREACHABLE,
}
_FROM_GOOD_TO_BAD: Final = (DONE, SET_ASIDE, FAILED, NOT_ALLOWED, UNREACHABLE)


def code_of(error: VoltbookError) -> int:
    """The exit code of the nearest class that the table names."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def of_receipt(receipt: Mapping[str, Any]) -> int:
    """What a file came to: all its rows booked or accepted, some or all left out, or an import that did not end."""
    if receipt["state"] == FileState.IMPORTING:
        return FAILED
    accepted = receipt.get("accepted_at") is not None
    booked = receipt["state"] in BOOKED_STATES and (not receipt["quarantined"] or accepted)
    return DONE if booked or receipt["state"] == FileState.ABSENT else SET_ASIDE


def of_open_day(day: Mapping[str, Any]) -> int:
    """What a file day came to that an earlier run left: it is waited for, or somebody must look at it."""
    if day["state"] in {"expected", "late"}:
        return DONE
    return SET_ASIDE if day["state"] == FileState.IMPORTING else of_receipt(day)


def worst(one: int, other: int) -> int:
    """Of two outcomes the worse: from done over set aside, failed and not allowed to unreachable."""
    return max(one, other, key=_FROM_GOOD_TO_BAD.index)
