"""Authorizers as API Gateway calls them: the policy kept per header value, "Unauthorized" turned into 401."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from chalice.app import Chalice, ChaliceAuthorizer
from chalice.local import LocalARNBuilder, NotAuthorizedError

# API Gateway's own default, and how many header values are remembered at most.
_DEFAULT_SECONDS = 300
_REMEMBERED = 1000


class RememberingAuthorizer(ChaliceAuthorizer):
    """Stands in for the app's authorizer and remembers what it said, for its `ttl_seconds` at most.

    A policy covers all of a caller's routes, so it is remembered for the header value alone. Refusals are not
    remembered, as at API Gateway.
    """

    def __init__(self, original: ChaliceAuthorizer, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(original.name, original.func, original.scopes)
        self.config = original.config
        self._now = now
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._ask)

    def __call__(self, event: dict[str, Any], _context: object) -> dict[str, Any]:
        seconds = self.config.ttl_seconds
        seconds = _DEFAULT_SECONDS if seconds is None else seconds
        # A window of the clock in the key makes what was remembered unreachable when its time is over.
        policy = (
            self._remembered(event["authorizationToken"], int(self._now() // seconds))
            if seconds
            else self._ask(event["authorizationToken"], 0)
        )
        # Chalice writes into what it is given, and threads share what is remembered.
        return copy.deepcopy(policy)

    def _ask(self, token: str, _window: int) -> dict[str, Any]:
        arn = LocalARNBuilder().build_arn("GET", "/")
        event = {"type": "TOKEN", "authorizationToken": token, "methodArn": arn}
        try:
            return super().__call__(event, {})
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
