"""Exit codes, and the one table that maps errors to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from chalicelib.common import errors
from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import VoltbookError
from chalicelib.feeds.receipt import BOOKED_STATES, FileState
from chalicelib.fees.fee_list import InvalidFees
from chalicelib.prices.model import InvalidPrices
from cli.terminal import say, say_error


class NotThere(VoltbookError):
    """The book cannot be reached; the message says what to do."""

    code = "not_there"


DONE: Final = 0
FAILED: Final = 1
# 2 is click's own, for a wrong command line.
NEEDS_ATTENTION: Final = 3
"""Rows were quarantined, or a file was rejected, is held or is incomplete."""
NOT_ALLOWED: Final = 4
UNREACHABLE: Final = 5
INTERRUPTED: Final = 130

EXIT_CODES: Final[Mapping[type[VoltbookError], int]] = {
    VoltbookError: FAILED,
    InvalidFees: NEEDS_ATTENTION,
    InvalidPrices: NEEDS_ATTENTION,
    UnreadableFile: NEEDS_ATTENTION,
    errors.Unauthenticated: NOT_ALLOWED,
    errors.NotAllowed: NOT_ALLOWED,
    errors.TooManyAttempts: NOT_ALLOWED,
    errors.Unavailable: UNREACHABLE,
    NotThere: UNREACHABLE,
}
"""An error that is not here has the code of its nearest base."""
_FROM_GOOD_TO_BAD: Final = (DONE, NEEDS_ATTENTION, FAILED, NOT_ALLOWED, UNREACHABLE)


def code_of(error: VoltbookError) -> int:
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def of_code(code: str) -> int:
    """Return the exit code for the `code` of an error."""
    return next((exit_code for kind, exit_code in EXIT_CODES.items() if kind.code == code), FAILED)


def of_files(paths: Iterable[Path], import_one: Callable[[Path], int]) -> int:
    """Import files and return the worst exit code. Failures go to stderr; one that concerns every file is raised."""
    worst_code = DONE
    for path in paths:
        try:
            code = import_one(path)
        except VoltbookError as error:
            code = code_of(error)
            if code in {NOT_ALLOWED, UNREACHABLE}:
                raise
            say(f"{path.name}:")
            say_error(error)
        worst_code = worst(worst_code, code)
    return worst_code


def of_receipt(receipt: Mapping[str, Any]) -> int:
    if receipt["state"] == FileState.IMPORTING:
        return FAILED
    accepted = receipt.get("accepted_at") is not None
    booked = receipt["state"] in BOOKED_STATES and (not receipt.get("quarantined") or accepted)
    return DONE if booked or receipt["state"] == FileState.ABSENT else NEEDS_ATTENTION


def of_open_day(day: Mapping[str, Any]) -> int:
    """Return the exit code of a file day that an earlier run left open: expected and late days need no attention."""
    if day["state"] in {"expected", "late"}:
        return DONE
    return NEEDS_ATTENTION if day["state"] == FileState.IMPORTING else of_receipt(day)


def worst(one: int, other: int) -> int:
    return max(one, other, key=_FROM_GOOD_TO_BAD.index)
