"""`/v1/me`, `/v2/me/password` and `/v2/users`: logins and their keys; and the log line of each request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from chalice import Blueprint, Response

from chalicelib.access.authorizer import caller_of, note_caller, route
from chalicelib.access.identity import EVERY_ROLE, Identity, Role
from chalicelib.common.deadline import ending_within
from chalicelib.common.errors import InvalidRequest, NotFound, Problem
from chalicelib.common.fields import InvalidValue, read_fields, read_name, read_stored_name
from chalicelib.common.names import is_name
from chalicelib.common.strict_json import read_object
from chalicelib.web import request_log
from chalicelib.web.responses import json_response, query, request_id

if TYPE_CHECKING:
    from chalicelib.access.model import ApiKey, User
    from chalicelib.common.fields import Check

ADMIN: Final = frozenset({Role.ADMIN})
API_SECONDS: Final = 28.0
"""How long the API's Lambda may run (`.chalice/config.json`); API Gateway answers 504 after 29."""
blueprint = Blueprint(__name__)


def log_request(request: Any, get_response: Callable[[Any], Response]) -> Response:
    """Write one log line for each request; the outermost middleware."""
    line = request_log.entry("request", request_id=request_id(request), method=request.method)
    with line, ending_within(_seconds_left(request.lambda_context)):
        request_log.note(route=request.context["resourcePath"])
        if "caller" in request.context.get("authorizer", {}):
            note_caller(caller_of(request))
        response = get_response(request)
        request_log.note(status=response.status_code)
    return response


def _seconds_left(context: Any) -> float:
    """Return what the Lambda has left. Tests pass no context, and the local gateway's has 15 minutes."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return API_SECONDS if remaining is None else min(API_SECONDS, remaining() / 1000)


@route(blueprint, "GET", "/v1/me", EVERY_ROLE)
def get_me(caller: Identity) -> Response:
    query(blueprint.current_request)
    return json_response(_login(caller))


@route(blueprint, "GET", "/v2/users", ADMIN)
def get_users(caller: Identity) -> Response:
    from chalicelib.access.bootstrap import directory, keys
    from chalicelib.access.keys import keys_by_user
    from chalicelib.access.service import list_users

    caller.require_managing()
    query(blueprint.current_request)
    by_user = keys_by_user(keys())
    return json_response([_user(user, by_user.get(user.caller.name, [])) for user in list_users(directory())])


@route(blueprint, "POST", "/v2/users", ADMIN)
def post_user(caller: Identity) -> Response:
    from chalicelib.access.bootstrap import directory, passwords
    from chalicelib.access.password_policy import require_strong
    from chalicelib.access.service import add_user

    caller.require_managing()
    caller.require_password()
    required: dict[str, Check] = {"name": _read_user_name, "password": _as_given, "role": _read_role}
    given = _body(required, {"trader_id": read_stored_name}, "a user")
    name, password, trader_id = given["name"], _text(given, "password"), given["trader_id"]
    require_strong(password, name, trader_id or "")
    user = add_user(name, password, given["role"], trader_id, directory(), passwords(), caller.name)
    return json_response(_user(user, []))


@route(blueprint, "POST", "/v2/users/{user}", ADMIN)
def post_change(caller: Identity, user: str) -> Response:
    from chalicelib.access.bootstrap import directory, keys, passwords
    from chalicelib.access.keys import keys_by_user
    from chalicelib.access.password_policy import require_strong
    from chalicelib.access.service import hash_new
    from chalicelib.access.user_change import UserChange

    caller.require_managing()
    caller.require_password()
    optional: dict[str, Check] = {"role": _read_role, "trader_id": read_stored_name, "disabled": _read_bool}
    given = _body({}, {**optional, "password": _as_given, "give_up_admin": _read_bool}, "a change")
    name, password = _name(user), None
    if name == caller.name and _ends_admin(given) and not given["give_up_admin"]:
        problem = Problem("give_up_admin", "must be true to end your own rights as admin")
        raise InvalidRequest("this user cannot be changed", (problem,))
    if given["password"] is not None:
        password = _text(given, "password")
        require_strong(password, name)
    hashed = None if password is None else hash_new(password, passwords())
    change = UserChange(given["role"], given["trader_id"], given["disabled"], hashed)
    return json_response(_user(directory().change(name, change, caller.name), keys_by_user(keys()).get(name, [])))


@route(blueprint, "GET", "/v2/users/{user}/keys", EVERY_ROLE)
def get_keys(caller: Identity, user: str) -> Response:
    from chalicelib.access.bootstrap import directory, keys
    from chalicelib.access.keys import list_keys

    name = _name(user)
    caller.require_keys_of(name)
    query(blueprint.current_request)
    return json_response([key.as_json() for key in list_keys(name, directory(), keys())])


@route(blueprint, "POST", "/v2/users/{user}/keys", EVERY_ROLE)
def post_key(caller: Identity, user: str) -> Response:
    from chalicelib.access.bootstrap import keys
    from chalicelib.access.keys import add_key
    from chalicelib.common.clock import clock

    name = _name(user)
    caller.require_keys_of(name)
    caller.require_password()
    given = _body({}, {"label": read_name}, "a key")
    key, token = add_key(name, given["label"], keys(), clock(), caller.name)
    return json_response({**key.as_json(), "token": token})


@route(blueprint, "POST", "/v2/users/{user}/keys/{key_id}/revoke", EVERY_ROLE)
def post_revoke(caller: Identity, user: str, key_id: str) -> Response:
    from chalicelib.access.bootstrap import keys

    name = _name(user)
    caller.require_keys_of(name)
    _body({}, {}, "a revocation")
    return json_response(keys().revoke(name, _name(key_id), caller.name).as_json())


@route(blueprint, "POST", "/v2/me/password", EVERY_ROLE)
def post_own_password(caller: Identity) -> Response:
    from chalicelib.access.bootstrap import attempts, directory, passwords
    from chalicelib.access.password_policy import require_strong
    from chalicelib.access.service import LoginThrottle, change_own_password
    from chalicelib.common.clock import clock

    given = _body({"old": _as_given, "new": _as_given}, {}, "a new password")
    old, new = _text(given, "old", shortest=1), _text(given, "new")  # a demo password is shorter than new ones may be
    require_strong(new, caller.name, caller.trader_id or "", field="new")
    request: Any = blueprint.current_request
    throttle = LoginThrottle(request.context["identity"]["sourceIp"], attempts(), clock())
    change_own_password(caller, old, new, directory(), passwords(), throttle)
    return json_response(_login(caller))


def _user(user: User, keys: Sequence[ApiKey]) -> dict[str, Any]:
    return {**_login(user.caller), "disabled": user.disabled, "keys": [key.as_json() for key in keys]}


def _login(caller: Identity) -> dict[str, Any]:
    return {"name": caller.name, "role": caller.role.value, "trader_id": caller.trader_id}


def _body(required: dict[str, Check], optional: dict[str, Check], what: str) -> dict[str, Any]:
    """Return the values of the body; None for an optional one that is null or missing."""
    request: Any = blueprint.current_request
    query(request)
    given = read_object(request.raw_body)
    checks = required | {name: _or_none(check) for name, check in optional.items()}
    values, problems = read_fields({**dict.fromkeys(optional), **given}, checks, what)
    if problems:
        raise InvalidRequest("the request has " + ("a problem" if len(problems) == 1 else "problems"), tuple(problems))
    return values


def _or_none(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _as_given(value: object) -> object:
    return value  # `read_fields` would quote a password that it refuses


def _text(given: dict[str, Any], field: str, shortest: int | None = None) -> str:
    from chalicelib.access.service import MIN_PASSWORD, password_problems

    problems = password_problems(given[field], field, shortest or MIN_PASSWORD)
    if problems:
        raise InvalidRequest("this password cannot be used", tuple(problems))
    return str(given[field])


def _read_user_name(value: object) -> str:
    from chalicelib.access.service import user_name_problem

    name = read_stored_name(value)
    problem = user_name_problem(name)
    if problem is not None:
        raise InvalidValue(problem)
    return name


def _read_role(value: object) -> Role:
    if isinstance(value, str) and value in set(Role):
        return Role(value)
    raise InvalidValue(f"must be one of {', '.join(Role)}")


def _read_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise InvalidValue("must be true or false")


def _name(text: str) -> str:
    """Read a name or an id from the percent-encoded path; raises NotFound if it cannot be one."""
    name = unquote(text, errors="replace")
    if not is_name(name):
        raise NotFound("there is no such user or key")
    return name


def _ends_admin(given: dict[str, Any]) -> bool:
    return given["disabled"] is True or given["role"] not in {None, Role.ADMIN}
