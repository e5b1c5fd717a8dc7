"""What AWS says to an operator's own credentials, in Voltbook's words; the adapters leave it to the edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from chalicelib.domain.errors import NotAllowed, VoltbookError
from cli.exit_codes import NotThere

_REFUSED: Final = frozenset({"AccessDenied", "AccessDeniedException"})
_STALE: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_WITHOUT_CREDENTIALS: Final = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "SSOTokenLoadError", "TokenRetrievalError"}
)
_ABSENT: Final = frozenset({"NoSuchBucket", "ResourceNotFoundException"})


@contextmanager
def aws_errors_translated() -> Iterator[None]:
    """Turn refused or stale credentials and absent tables into our errors; a defect passes as it is."""
    from botocore.exceptions import BotoCoreError, ClientError
    from pynamodb.exceptions import PynamoDBException

    try:
        yield
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        plain = _plain(error)
        if plain is None:
            raise
        raise plain from error


def _plain(error: BaseException) -> VoltbookError | None:
    return next((plain for wrapped in _wrapped(error) if (plain := _of_one(wrapped)) is not None), None)


def _of_one(error: BaseException) -> VoltbookError | None:
    response = getattr(error, "response", None)
    said: Mapping[str, Any] = response.get("Error", {}) if isinstance(response, Mapping) else {}
    code, message = said.get("Code"), said.get("Message")
    if code in _REFUSED:
        return NotAllowed(f"AWS does not allow these credentials to do that: {message}")
    if code in _STALE:
        return NotThere(f"AWS does not know these credentials (any more): log in again ({message})")
    if code in _ABSENT:
        return NotThere("this book's tables or bucket are not there: is the stage deployed, the region right?")
    if type(error).__name__ in _WITHOUT_CREDENTIALS:
        return NotThere(f"there are no usable AWS credentials: {error}")
    return None


def _wrapped(error: BaseException | None) -> Iterator[BaseException]:
    """Give the error and what it wraps: PynamoDB keeps the SDK's own under `cause`."""
    while error is not None:
        yield error
        error = getattr(error, "cause", None) or error.__cause__
