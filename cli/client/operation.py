"""Operations of the client: a method with its body for a book in process, and its route for a book over HTTP.

In process, AWS errors that concern the operator's credentials are translated into Voltbook's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

import click

from chalicelib.common.errors import NotAllowed, VoltbookError
from cli.exit_codes import NotThere

P = ParamSpec("P")
T = TypeVar("T")

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


class Answer(Enum):
    """The shape of an answer: one JSON object, one array of objects, or an array over several pages."""

    OBJECT = auto()
    LIST = auto()
    PAGES = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """A request. Arguments that are not in the path are the query, or what `body` makes the body of.

    `read` makes the result of the answer, if that is not the answer itself. `fixed` arguments are the same each time.
    `send` takes the API and the arguments, where one request is not enough.
    """

    method: str
    path: str
    answer: Answer = Answer.OBJECT
    body: Callable[..., object] | None = None
    read: Callable[[Any], Any] | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    send: Callable[..., Any] | None = None


class Api(Protocol):
    def ask(self, route: Route, arguments: Mapping[str, object], /) -> Any:  # noqa: ANN401 - the operation has the type
        """Return the answer in the shape that the route declares."""
        ...


Method = Callable[Concatenate[Any, P], T]

OPERATIONS: Final[dict[str, Route | str]] = {}
"""Name -> route, or the reason why HTTP does not offer the operation."""


def not_over_http(why: str) -> click.UsageError:
    return click.UsageError(f"{why}: use --book with the stage's name (or local) in place of --api")


def operation(route: Route | str) -> Callable[[Method[P, T]], Method[P, T]]:
    """Declare an operation by its route, or by the reason why HTTP does not offer it, which raises UsageError."""

    def declare(in_process: Method[P, T]) -> Method[P, T]:
        _, *names = signature(in_process).parameters

        @wraps(in_process)
        def ask(client: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:  # noqa: ANN401 - a Client
            if client.api is None:
                with aws_errors_translated():
                    return in_process(client, *args, **kwargs)
            if isinstance(route, str):
                raise not_over_http(route)
            if route.send is not None:
                sent: T = route.send(client.api, *args, **kwargs)
                return sent
            answer: Any = client.api.ask(route, {**route.fixed, **dict(zip(names, args, strict=False)), **kwargs})
            result: T = answer if route.read is None else route.read(answer)
            return result

        OPERATIONS[in_process.__name__] = route
        return ask

    return declare


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
