"""The authorizer: Basic auth against the users table, and what each role may call at all."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from chalice import AuthResponse, AuthRoute, Blueprint, Response
from chalice.app import AuthRequest, ChaliceAuthorizer

from chalicelib.access.identity import Caller, Role
from chalicelib.common.errors import NotAllowed, TooManyAttempts, Unauthenticated, VoltbookError
from chalicelib.web import request_log
from chalicelib.web.responses import PLATFORM, View, answering

if TYPE_CHECKING:
    from chalicelib.access.service import Guard

CACHED_SECONDS: Final = 60
blueprint = Blueprint(__name__)

_PARAMETER: Final = re.compile(r"\{\w+\}")
_declared: dict[tuple[str, str], frozenset[Role]] = {}


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


def route(blueprint: Any, method: str, path: str, roles: Collection[Role]) -> Callable[[View], View]:
    """Register a view for callers of these roles; it receives the caller, then the parameters of the path.

    This is the only declaration of who may use a route: the policy, `authorize` and the README's table derive from it.
    """
    allowed = _declared[method, path] = frozenset(roles)

    def register(view: View) -> View:
        @functools.wraps(view)
        def authorized(**parameters: str) -> Response:
            return view(authorize(blueprint.current_request, allowed), **parameters)

        blueprint.route(path, methods=[method], authorizer=basic_auth)(answering(blueprint, authorized))
        return view

    return register


def declared_routes() -> Mapping[tuple[str, str], frozenset[Role]]:
    """Return the roles of each (method, path) behind the login.

    Lambda starts the authorizer from this module alone, and `app`, which registers the routes, imports this module.
    """
    import_module("app")
    return _declared


def authorize(request: Any, allowed: Collection[Role]) -> Caller:
    """Return the caller; raises NotAllowed if their role is not allowed.

    The gateway enforces the same with the authorizer's policy; the services check whose data it is.
    """
    caller = caller_of(request)
    if caller.role not in allowed:
        raise NotAllowed(PLATFORM[403][1])
    return caller


def _policy_of(role: Role) -> list[str | AuthRoute]:
    """List all routes of a role: API Gateway caches the policy for every route."""
    routes = [route for route, roles in declared_routes().items() if role in roles]
    return [AuthRoute(_PARAMETER.sub("*", path), [method]) for method, path in routes]


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
