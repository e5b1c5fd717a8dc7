"""Basic authentication, and the roles of each route."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from chalice import AuthResponse, AuthRoute, Blueprint, Response

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import NotAllowed, TooManyAttempts, Unauthenticated
from chalicelib.web import request_log
from chalicelib.web.patches import pass_the_source
from chalicelib.web.responses import PLATFORM, View, answering

if TYPE_CHECKING:
    from chalicelib.access.service import LoginThrottle

CACHED_SECONDS: Final = 60
blueprint = Blueprint(__name__)

_ROUTES: Final = Path(__file__).with_name("routes.json")
"""Written by `make columns` from the views' declarations: Lambda starts the authorizer without the views."""
_declared: dict[tuple[str, str], frozenset[Role]] = {}


@blueprint.authorizer(ttl_seconds=CACHED_SECONDS)
def basic_auth(request: Any) -> AuthResponse | dict[str, Any]:
    """Return the policy of the caller; API Gateway answers 401 for this one exception."""
    try:
        caller = _authenticated(request)
    except TooManyAttempts as error:
        return _denied(error)
    if caller is None:
        message = "Unauthorized"
        raise Exception(message)  # noqa: TRY002 - the text is API Gateway's contract
    code, message = PLATFORM[403]
    # API Gateway passes texts only.
    text = json.dumps([caller.name, caller.role.value, caller.trader_id, caller.seal, caller.key_id])
    context = {"caller": text, "code": code, "message": message}
    return AuthResponse(_policy_of(caller.role), principal_id=quote(caller.name), context=context)


def _authenticated(request: Any) -> Identity | None:
    from chalicelib.access.bootstrap import checks
    from chalicelib.access.change_counter import latest_change

    with request_log.entry("login", function=basic_auth.name):
        check = functools.partial(_proved, request.token, _throttle(request))
        try:
            # Not joined across addresses, which may have to wait, nor across a change of a user.
            caller = checks().run((request.token, getattr(request, "source", None), latest_change()), check)
        except (Unauthenticated, TooManyAttempts) as error:
            # Without the name: it may be a password in the wrong field.
            request_log.note(outcome="refused", code=error.code)
            if isinstance(error, TooManyAttempts):
                raise
            return None
        except Exception:
            request_log.measure(AuthorizerErrors=1)
            raise
        request_log.note(outcome="proved")
        note_caller(caller)
        return caller


def _proved(header: str, throttle: LoginThrottle | None) -> Identity:
    if header[: len("bearer ")].lower() == "bearer ":
        from chalicelib.access.bootstrap import directory, keys
        from chalicelib.access.keys import authenticate_key
        from chalicelib.common.clock import clock

        return authenticate_key(header, directory(), keys(), clock(), throttle)
    from chalicelib.access.bootstrap import directory, passwords
    from chalicelib.access.service import authenticate

    return authenticate(header, directory(), passwords(), throttle)


pass_the_source(basic_auth)


def route(
    blueprint: Any, method: str, path: str, roles: Collection[Role], content_type: str = "application/json"
) -> Callable[[View], View]:
    """Register a view for these roles; it receives the caller, then the parameters of the path.

    The policy, the check in `authorize` and the table of docs/reference/api.md derive from this declaration.
    """
    allowed = _declared[method, path] = frozenset(roles)

    def register(view: View) -> View:
        @functools.wraps(view)
        def authorized(**parameters: str) -> Response:
            return view(authorize(blueprint.current_request, allowed), **parameters)

        declare = blueprint.route(path, methods=[method], authorizer=basic_auth, content_types=[content_type])
        declare(answering(blueprint, authorized))
        return view

    return register


def declared_routes() -> Mapping[tuple[str, str], frozenset[Role]]:
    """Return the roles of each (method, path) behind the login, of the views that are imported."""
    return _declared


def authorize(request: Any, allowed: Collection[Role]) -> Identity:
    """Return the caller; raises NotAllowed for any other role, as the gateway's policy does."""
    caller = caller_of(request)
    if caller.role not in allowed:
        raise NotAllowed(PLATFORM[403][1])
    return caller


def _policy_of(role: Role) -> list[str | AuthRoute]:
    # All routes of the role: API Gateway caches one policy for them.
    routes = json.loads(_ROUTES.read_text("utf-8"))
    return [
        AuthRoute(re.sub(r"\{\w+\}", "*", path), [method]) for method, path, *roles in routes if role.value in roles
    ]


def _throttle(request: Any) -> LoginThrottle | None:
    from chalicelib.access.bootstrap import attempts
    from chalicelib.access.service import LoginThrottle
    from chalicelib.common.clock import clock

    source = getattr(request, "source", None)
    return LoginThrottle(source, attempts(), clock()) if source else None


def _denied(error: TooManyAttempts) -> dict[str, Any]:
    """Return a policy that denies everything; the gateway answers 403 with what the context holds."""
    statement = {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": "*"}
    return {
        "principalId": "nobody",
        "context": {"code": error.code, "message": error.message, "retry_after": str(error.seconds)},
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }


def note_caller(caller: Identity) -> None:
    """Add the user to the current log line, and the id of the key if one logged in."""
    request_log.note(caller=caller.name, role=caller.role.value)
    if caller.key_id is not None:
        request_log.note(key_id=caller.key_id)


def caller_of(request: Any) -> Identity:
    # Earlier releases wrote no key_id, and API Gateway caches what they wrote.
    name, role, trader_id, seal, *key_id = json.loads(request.context["authorizer"]["caller"])
    return Identity(name, Role(role), trader_id, seal, *key_id)
