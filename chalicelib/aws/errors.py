"""Errors of AWS: contention is retried, load and lost connections become Unavailable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from botocore import exceptions as botocore
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from chalicelib.common.deadline import seconds_left
from chalicelib.common.errors import Unavailable

FIRST_WAIT: Final = 0.02
LONGEST_WAIT: Final = 1.0
"""Seconds. A wait is chosen evenly between zero and a limit that doubles from the first to the longest."""
MOST_RETRYING: Final = 20.0
"""Seconds for the retries of one write, or less if a request has less left.

Less than the margin that an import keeps before its Lambda ends (`imports/import_run.py`).
"""
LAST_CALL: Final = 8.0
"""Seconds before the deadline of a request when the last call may begin: it takes 7 at most (`aws/client.py`)."""

_BUSY: Final = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottlingException",
        "TransactionInProgressException",
        "503",
        "500",
    }
)
_BUSY_REASONS: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})

_NO_ANSWER: Final = "the store did not answer; nothing is lost, try again"

T = TypeVar("T")


class TooLate(BotoCoreError):
    """There is no time left for a call. Neither of the two classes that botocore retries."""

    fmt = "no time is left for a call before the deadline of the request"


class Contended(Exception):
    """Another request was in the way; this one was not carried out, or not all of it."""


def retried(write: Callable[[], T]) -> T:
    """Return what `write` returns, retried with full jitter while it raises Contended. Raises Unavailable in time."""
    try:
        return write()
    except Contended as contended:
        return _retried_after(contended, write)


def _retried_after(contended: Contended, write: Callable[[], T]) -> T:
    from tenacity import (  # noqa: PLC0415 - a cold start without contention needs none of it
        Retrying,
        retry_if_exception_type,
        stop_before_delay,
        wait_random_exponential,
    )

    first = [contended]

    def attempt() -> T:
        if first:  # which was made already
            raise first.pop()
        return write()

    retrying = Retrying(
        retry=retry_if_exception_type(Contended),
        stop=stop_before_delay(min(MOST_RETRYING, seconds_left() - LAST_CALL)),
        wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
        reraise=True,
    )
    try:
        return retrying(attempt)
    except Contended as error:
        message = "the store is busy; nothing is lost, try again"
        raise Unavailable(message) from error


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise Contended or Unavailable for the SDK's errors of load and lost connections; others are defects and pass."""
    try:
        yield
    except PynamoDBException as error:
        if _is_contention(error):
            raise Contended from error
        if _is_busy(error.cause):
            raise Unavailable(_NO_ANSWER) from error
        raise
    except (BotoCoreError, ClientError) as error:
        if _is_busy(error):
            raise Unavailable(_NO_ANSWER) from error
        raise


def attempted(call: Callable[[], T]) -> T:
    """Do the same with a call of the SDK."""
    return retried(translated_errors()(call))


def refuse_late_call() -> None:
    """Raise TooLate instead of beginning a call that may end after the deadline of the request."""
    if seconds_left() < LAST_CALL:
        raise TooLate


def condition_failed(error: PynamoDBException) -> bool:
    """Return whether a condition of ours failed, alone or in a transaction."""
    if isinstance(error, TransactWriteError):
        return any(
            reason is not None and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons
        )
    return _code(error.cause) == "ConditionalCheckFailedException"


def succeeded(write: Callable[[], object]) -> bool:
    """Return False if a condition of this write failed."""
    try:
        write()
    except PynamoDBException as error:
        if not condition_failed(error):
            raise
        return False
    return True


def _is_contention(error: PynamoDBException) -> bool:
    if _code(error.cause) == "TransactionConflictException":
        return True  # of a single write with a transaction
    if not isinstance(error, TransactWriteError):
        return False
    return any(reason is not None and reason.code in _BUSY_REASONS for reason in error.cancellation_reasons)


def _is_busy(error: BaseException | None) -> bool:
    if _code(error) in _BUSY:
        return True
    return isinstance(error, botocore.ConnectionError | botocore.HTTPClientError | TooLate)


def _code(error: BaseException | None) -> str:
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
