"""What AWS says when it fails, in Voltbook's words: contention is tried again, the rest becomes Unavailable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from botocore import exceptions as botocore
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from chalicelib.common.errors import Unavailable

ATTEMPTS: Final = 10
FIRST_WAIT: Final = 0.02
LONGEST_WAIT: Final = 1.0
"""Seconds. Ten attempts wait up to about four seconds in all, well inside API Gateway's 29."""

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

T = TypeVar("T")


class Contended(Exception):
    """Others were in the way at that moment; what was asked was not done, or not all of it."""


def retried(write: Callable[[], T]) -> T:
    """Do something, again with jitter while others are in its way; raises Unavailable when they stay."""
    try:
        return write()
    except Contended as contended:
        return _tried_again(write, contended)


def _tried_again(write: Callable[[], T], contended: Contended) -> T:
    from tenacity import (  # noqa: PLC0415 - a cold start that meets nobody needs none of it
        Retrying,
        retry_if_exception_type,
        stop_after_attempt,
        wait_random_exponential,
    )

    first = [contended]

    def attempt() -> T:
        if first:  # it was made already
            raise first.pop()
        return write()

    retrying = Retrying(
        retry=retry_if_exception_type(Contended),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
        reraise=True,
    )
    try:
        return retrying(attempt)
    except Contended as still:
        message = "the store is busy; nothing is lost, try again"
        raise Unavailable(message) from still


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what the SDK raises for load and lost connections into Unavailable; anything else is a defect and passes."""
    try:
        yield
    except PynamoDBException as error:
        if _is_contention(error):
            raise Contended from error
        if _is_busy(error.cause):
            raise Unavailable(_SAID) from error
        raise
    except (BotoCoreError, ClientError) as error:
        if _is_busy(error):
            raise Unavailable(_SAID) from error
        raise


def attempted(call: Callable[[], T]) -> T:
    """Make one call to the store, again with jitter while others are in its way; raises Unavailable."""

    def once() -> T:
        with told_plainly():
            return call()

    return retried(once)


_SAID: Final = "the store did not answer in time; nothing is lost, try again"


def condition_failed(error: PynamoDBException) -> bool:
    """Tell whether it was a condition of ours that said no, to a single write or to one of a transaction's."""
    if isinstance(error, TransactWriteError):
        return any(
            reason is not None and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons
        )
    return _code(error.cause) == "ConditionalCheckFailedException"


def _is_contention(error: PynamoDBException) -> bool:
    if _code(error.cause) == "TransactionConflictException":
        return True  # a single write that met a transaction
    if not isinstance(error, TransactWriteError):
        return False
    return any(reason is not None and reason.code in _BUSY_REASONS for reason in error.cancellation_reasons)


def _is_busy(error: BaseException | None) -> bool:
    if _code(error) in _BUSY:
        return True
    return isinstance(error, botocore.ConnectionError | botocore.HTTPClientError)


def _code(error: BaseException | None) -> str:
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
