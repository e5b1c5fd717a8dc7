"""The policies of the authorizer, cached on one machine as API Gateway caches them."""

from __future__ import annotations

import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from chalice.app import Chalice, ChaliceAuthorizer
from chalice.local import LocalARNBuilder, NotAuthorizedError

from chalicelib.access.change_counter import latest_change

_DEFAULT_TTL_SECONDS: Final = 300
"""API Gateway's own."""
_CACHED_POLICIES: Final = 1000
source: ContextVar[str] = ContextVar("source")
"""The address of the client: Chalice's events have 127.0.0.1 for every client."""


class Denied(Exception):
    """The authorizer's policy denies everything; with its context."""

    def __init__(self, context: Mapping[str, str]) -> None:
        super().__init__(context["message"])
        self.error = (context["code"], context["message"])
        self.headers = {"Retry-After": context["retry_after"]}


class _Policy:
    """An authorizer's policy. Threads share it, and Chalice modifies what it gets and matches each resource again."""

    def __init__(self, policy: Mapping[str, Any]) -> None:
        statements = policy["policyDocument"]["Statement"]
        self.context: Mapping[str, str] = policy["context"]
        self.denies = any(statement["Effect"] == "Deny" for statement in statements)
        self._principal = policy["principalId"]
        resources = [resource for statement in statements for resource in statement["Resource"]]
        patterns = (re.escape(resource).replace(r"\*", ".*").replace(r"\?", ".") for resource in resources)
        self._allowed = re.compile("|".join(patterns))

    def of(self, arn: str) -> dict[str, Any]:
        """Return the part that decides about this method and path."""
        allowed = [arn] if self._allowed.fullmatch(arn) else []
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": allowed}
        return {
            "principalId": self._principal,
            "context": dict(self.context),
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        }


class CachingAuthorizer(ChaliceAuthorizer):
    """Wraps the app's authorizer and caches its policies for `ttl_seconds` at most.

    A policy covers all routes of a caller, so it is cached by login and source address, also when it denies. An unknown
    login is not cached, as at API Gateway. Unlike there, a change of a user through this process ends it at once.
    """

    def __init__(self, original: ChaliceAuthorizer, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(original.name, original.func, original.scopes)
        self.config = original.config
        # An app that is served again has been wrapped before.
        self.original: ChaliceAuthorizer = original.original if isinstance(original, CachingAuthorizer) else original
        self._now = now
        self._key = secrets.token_bytes(32)
        self._policies: dict[bytes, _Policy] = {}
        self._period: object = None
        self._lock = threading.Lock()

    def __call__(self, event: dict[str, Any], _context: object) -> dict[str, Any]:
        seconds = self.config.ttl_seconds
        seconds = _DEFAULT_TTL_SECONDS if seconds is None else seconds
        token, address = event["authorizationToken"], source.get("127.0.0.1")
        policy = self._cached_policy(token, address, seconds) if seconds else self._policy(token, address)
        if policy.denies:
            raise Denied(policy.context)
        return policy.of(event["methodArn"])

    def _cached_policy(self, token: str, address: str, seconds: int) -> _Policy:
        login = self._digest(f"{address} {token}")
        period = int(self._now() // seconds), latest_change()
        with self._lock:
            if period != self._period or len(self._policies) >= _CACHED_POLICIES:
                self._policies, self._period = {}, period
            policy = self._policies.get(login)
        if policy is None:
            policy = self._policy(token, address)
            with self._lock:
                if period == self._period:  # else a user may have changed meanwhile
                    self._policies[login] = policy
        return policy

    def _digest(self, login: str) -> bytes:
        """Return what stands for a login, so that no password stays in memory."""
        return hmac.digest(self._key, login.encode(errors="surrogatepass"), "sha256")

    def _policy(self, token: str, address: str) -> _Policy:
        event = {
            "type": "REQUEST",
            "authorizationToken": token,  # what an authorizer of the type `token` reads
            "headers": {"Authorization": token},
            "requestContext": {"identity": {"sourceIp": address}},
            "methodArn": LocalARNBuilder().build_arn("GET", "/"),
        }
        try:
            return _Policy(self.original(event, {}))
        except Exception as error:
            # API Gateway turns an exception of any class with exactly this text into 401.
            if str(error) == "Unauthorized":
                raise NotAuthorizedError({}) from None
            raise


def cache_policies(app: Chalice) -> None:
    caching: dict[str, CachingAuthorizer] = {}
    for methods in app.routes.values():
        for route in methods.values():
            entry: Any = route  # typed for API Gateway's own authorizers only
            original = entry.authorizer
            if isinstance(original, ChaliceAuthorizer):
                entry.authorizer = caching.setdefault(original.name, CachingAuthorizer(original))
