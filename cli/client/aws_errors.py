"""AWS errors that concern the operator's credentials, translated into Voltbook's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from chalicelib.common.errors import NotAllowed, VoltbookError
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
    """Translate refused or expired credentials and missing tables; other errors pass unchanged."""
    from botocore.exceptions import BotoCoreError, ClientError
    from pynamodb.exceptions import PynamoDBException

    try:
        yield
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        translated = next(filter(None, map(_translated, _wrapped(error))), None)
        if translated is None:
            raise
        raise translated from error


def _translated(error: BaseException) -> VoltbookError | None:
    response = getattr(error, "response", None)
    details: Mapping[str, Any] = response.get("Error", {}) if isinstance(response, Mapping) else {}
    code, message = details.get("Code"), details.get("Message")
    if code in _REFUSED:
        return NotAllowed(f"AWS denies this to these credentials: {message}")
    if code in _STALE:
        return NotThere(f"the AWS credentials are invalid or have expired: log in again ({message})")
    if code in _ABSENT:
        return NotThere(
            "the tables or the bucket of this book do not exist: check that the stage is deployed, and the region"
        )
    if type(error).__name__ in _WITHOUT_CREDENTIALS:
        return NotThere(f"no usable AWS credentials: {error}")
    return None


def _wrapped(error: BaseException | None) -> Iterator[BaseException]:
    # PynamoDB keeps the SDK's own error under `cause`.
    while error is not None:
        yield error
        error = getattr(error, "cause", None) or error.__cause__
