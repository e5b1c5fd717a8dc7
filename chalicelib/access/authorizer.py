"""The authorizer: Basic auth against the users table, and what each role may call at all."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from chalice import AuthResponse, AuthRoute, Blueprint
from chalice.app import AuthRequest, ChaliceAuthorizer

from chalicelib.access.identity import Caller, Role
from chalicelib.common.errors import NotAllowed, TooManyAttempts, Unauthenticated, VoltbookError
from chalicelib.web import request_log
from chalicelib.web.responses import PLATFORM

if TYPE_CHECKING:
    from chalicelib.access.service import Guard

CACHED_SECONDS: Final = 60
blueprint = Blueprint(__name__)

_READ: Final = (
    ("/v1/me", "GET"),
    ("/v1/trades", "GET"),
    ("/v1/trades/*", "GET"),
    ("/v1/reports/*", "GET"),
    ("/v1/prices", "GET"),
)
_BOOK: Final = (("/v1/trades", "POST"),)
_PRICE: Final = (("/v1/prices", "POST"),)
_FILES: Final = (("/v1/files", "GET"), ("/v1/files/*", "GET"))
ROUTES: Final = {
    Role.TRADER: (*_READ, *_BOOK),
    Role.DESK: (*_READ, *_FILES),
    Role.IMPORTER: (*_READ, *_BOOK, *_PRICE, *_FILES),
    Role.ADMIN: (*_READ, *_BOOK, *_PRICE, *_FILES),
}
"""The whole list of a role, since API Gateway keeps the answer for all routes; whose data, the services decide."""


@blueprint.authorizer(ttl_seconds=CACHED_SECONDS)
def basic_auth(request: Any) -> AuthResponse | dict[str, Any]:
    """Prove who is calling; API Gateway answers 401 for this very exception and no other."""
    try:
        caller = _proved(request)
    except TooManyAttempts as refused:
        return _denied(refused)
    if caller is None:
        message = "Unauthorized"
        raise Exception(message)  # noqa: TRY002 - the text is API Gateway's contract
    code, message = PLATFORM[403]
    context = {"caller": _as_text(caller), "code": code, "message": message}
    return AuthResponse(_policy_of(caller.role), principal_id=quote(caller.name), context=context)


def _proved(request: Any) -> Caller | None:
    """Tell who this is; the journal names nobody who proved nothing: the name may be a password in the wrong field."""
    from chalicelib.access.bootstrap import directory, passwords
    from chalicelib.access.service import authenticate

    with request_log.entry("login", function=basic_auth.name):
        try:
            caller = authenticate(request.token, directory(), passwords(), _guard(request))
        except (Unauthenticated, TooManyAttempts) as refused:
            request_log.note(outcome="refused", code=refused.code)
            if isinstance(refused, TooManyAttempts):
                raise
            return None
        request_log.note(outcome="proved", caller=caller.name, role=caller.role.value)
        return caller


class _OfRequest(ChaliceAuthorizer):
    """An authorizer of API Gateway's type `request`, which is told the source; Chalice's own are of type `token`."""

    def _transform_event(self, event: dict[str, Any]) -> AuthRequest:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        token = event.get("authorizationToken") or headers.get("authorization") or ""
        request: Any = AuthRequest(event["type"], token, event["methodArn"])
        request.source = event.get("requestContext", {}).get("identity", {}).get("sourceIp")
        return request  # type: ignore[no-any-return]  # it has one attribute more than Chalice says


basic_auth.__class__ = _OfRequest


def authorize(request: Any) -> Caller:
    """Give who is calling, for every view that is not open; raises NotAllowed where their role has no such route.

    The gateway asks the authorizer's policy the same before; either alone would do. Whose data, the services ask.
    """
    caller = caller_of(request)
    if not _has_route(caller.role, request.context["httpMethod"], request.context["resourcePath"]):
        raise NotAllowed(PLATFORM[403][1])
    return caller


def _has_route(role: Role, method: str, resource: str) -> bool:
    return any(method == allowed and fnmatchcase(resource, path) for path, allowed in ROUTES[role])


def _policy_of(role: Role) -> list[str | AuthRoute]:
    return [AuthRoute(path, [method]) for path, method in ROUTES[role]]


def _guard(request: Any) -> Guard | None:
    from chalicelib.access.bootstrap import attempts
    from chalicelib.access.service import Guard
    from chalicelib.common.clock import clock

    source = getattr(request, "source", None)
    return Guard(source, attempts(), clock()) if source else None


def _denied(refused: VoltbookError) -> dict[str, Any]:
    """Deny all: the gateway answers 403, with the code and the message that the context holds."""
    statement = {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": "*"}
    return {
        "principalId": "nobody",
        "context": {"code": refused.code, "message": refused.message},
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }


def caller_of(request: Any) -> Caller:
    """Give who the authorizer proved."""
    name, role, trader_id, seal = json.loads(request.context["authorizer"]["caller"])
    return Caller(name, Role(role), trader_id, seal)


def _as_text(caller: Caller) -> str:
    """One ASCII text: what API Gateway passes on of a context is strings, and only to what it calls."""
    return json.dumps([caller.name, caller.role.value, caller.trader_id, caller.seal])
