"""The authorizer: Basic auth against the users table, and what each role may call at all."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from chalice import AuthResponse, AuthRoute, Blueprint

from chalicelib import wiring
from chalicelib.api import journal
from chalicelib.domain.caller import Caller, Role
from chalicelib.domain.errors import Unauthenticated
from chalicelib.services.access import authenticate

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
def basic_auth(request: Any) -> AuthResponse:
    """Prove who is calling; API Gateway answers 401 for this very exception and no other."""
    caller = _proved(request.token)
    if caller is None:
        message = "Unauthorized"
        raise Exception(message)  # noqa: TRY002 - the text is API Gateway's contract
    routes: list[str | AuthRoute] = [AuthRoute(path, [method]) for path, method in ROUTES[caller.role]]
    return AuthResponse(routes, principal_id=quote(caller.name), context={"caller": _as_text(caller)})


def _proved(header: str) -> Caller | None:
    """Tell who this is; the journal names nobody who proved nothing: the name may be a password in the wrong field."""
    with journal.entry("login", function=basic_auth.name):
        try:
            caller = authenticate(header, wiring.directory(), wiring.passwords())
        except Unauthenticated as refused:
            journal.note(outcome="refused", code=refused.code)
            return None
        journal.note(outcome="proved", caller=caller.name, role=caller.role.value)
        return caller


def caller_of(request: Any) -> Caller:
    """Give who the authorizer proved."""
    name, role, trader_id = json.loads(request.context["authorizer"]["caller"])
    return Caller(name, Role(role), trader_id)


def _as_text(caller: Caller) -> str:
    """One ASCII text: what API Gateway passes on of a context is strings."""
    return json.dumps([caller.name, caller.role.value, caller.trader_id])
