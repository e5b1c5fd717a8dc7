"""Errors of AWS: contention is retried, load and lost connections become Unavailable."""

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

_NO_ANSWER: Final = "the store did not answer in time; nothing is lost, try again"

T = TypeVar("T")


class Contended(Exception):
    """Another request was in the way; this one was not carried out, or not all of it."""


def retried(write: Callable[[], T]) -> T:
    """Return what `write` returns, retried with jitter while it raises Contended. Raises Unavailable."""
    try:
        return write()
    except Contended as contended:
        return _retried_after(contended, write)


def _retried_after(contended: Contended, write: Callable[[], T]) -> T:
    from tenacity import (  # noqa: PLC0415 - a cold start without contention needs none of it
        Retrying,
        retry_if_exception_type,
        stop_after_attempt,
        wait_random_exponential,
    )

    first = [contended]

    def attempt() -> T:
        if first:  # which was made already
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


def condition_failed(error: PynamoDBException) -> bool:
    """Return whether a condition of ours failed, alone or in a transaction."""
    if isinstance(error, TransactWriteError):
        return any(
            reason is not None and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons
        )
    return _code(error.cause) == "ConditionalCheckFailedException"


def _is_contention(error: PynamoDBException) -> bool:
    if _code(error.cause) == "TransactionConflictException":
        return True  # of a single write with a transaction
    if not isinstance(error, TransactWriteError):
        return False
    return any(reason is not None and reason.code in _BUSY_REASONS for reason in error.cancellation_reasons)


def _is_busy(error: BaseException | None) -> bool:
    if _code(error) in _BUSY:
        return True
    return isinstance(error, botocore.ConnectionError | botocore.HTTPClientError)


def _code(error: BaseException | None) -> str:
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
