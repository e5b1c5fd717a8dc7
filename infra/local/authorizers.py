"""Authorizers as API Gateway calls them: the policy kept per login and source, "Unauthorized" turned into 401."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from chalice.app import Chalice, ChaliceAuthorizer
from chalice.local import LocalARNBuilder, NotAuthorizedError

# API Gateway's own default, and how many header values are remembered at most.
_DEFAULT_SECONDS = 300
_REMEMBERED = 1000
# Chalice's events say 127.0.0.1 whoever asks.
_source: ContextVar[str] = ContextVar("source")


class Denied(Exception):
    """An authorizer that forbids all, with the code and the message its context holds."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@contextmanager
def coming_from(source: str) -> Iterator[None]:
    """Lets the authorizers see, for one request, the address it comes from."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


class RememberingAuthorizer(ChaliceAuthorizer):
    """Stands in for the app's authorizer and remembers what it said, for its `ttl_seconds` at most.

    A policy covers all of a caller's routes, so it is remembered for the login and the source alone, a denial like any
    other. That a login is unknown is not remembered, as at API Gateway.
    """

    def __init__(self, original: ChaliceAuthorizer, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(original.name, original.func, original.scopes)
        self.config = original.config
        # An app that is served anew brings those of before along.
        self.original: ChaliceAuthorizer = (
            original.original if isinstance(original, RememberingAuthorizer) else original
        )
        self._now = now
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._ask)

    def __call__(self, event: dict[str, Any], _context: object) -> dict[str, Any]:
        seconds = self.config.ttl_seconds
        seconds = _DEFAULT_SECONDS if seconds is None else seconds
        login = (event["authorizationToken"], _source.get("127.0.0.1"))
        # A window of the clock in the key makes what was remembered unreachable when its time is over.
        policy = self._remembered(*login, int(self._now() // seconds)) if seconds else self._ask(*login, 0)
        if any(statement["Effect"] == "Deny" for statement in policy["policyDocument"]["Statement"]):
            raise Denied(policy["context"]["code"], policy["context"]["message"])
        # Chalice writes into what it is given, and threads share what is remembered.
        return copy.deepcopy(policy)

    def _ask(self, token: str, source: str, _window: int) -> dict[str, Any]:
        event = {
            "type": "REQUEST",
            "authorizationToken": token,  # what an authorizer of the type `token` reads
            "headers": {"Authorization": token},
            "requestContext": {"identity": {"sourceIp": source}},
            "methodArn": LocalARNBuilder().build_arn("GET", "/"),
        }
        try:
            return self.original(event, {})
        except Exception as error:
            # API Gateway's contract knows this text, of an exception of any class, and no other.
            if str(error) == "Unauthorized":
                raise NotAuthorizedError({}) from None
            raise


def remember_policies(app: Chalice) -> None:
    """Puts a remembering authorizer in front of each of the app's own."""
    remembering: dict[str, RememberingAuthorizer] = {}
    for methods in app.routes.values():
        for route in methods.values():
            entry: Any = route  # typed for API Gateway's own authorizers only
            original = entry.authorizer
            if isinstance(original, ChaliceAuthorizer):
                entry.authorizer = remembering.setdefault(original.name, RememberingAuthorizer(original))
