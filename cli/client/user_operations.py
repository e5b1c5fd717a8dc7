"""The operations on logins; see `Client`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from cli.client.answers import login_of
from cli.client.operation import Answer, Route, operation
from cli.output.json import Json

if TYPE_CHECKING:
    from chalicelib.access.identity import Identity, Role


_USERS: Final = "/v2/users"
_USER: Final = "/v2/users/{user}"
_KEYS: Final = "/v2/users/{user}/keys"


def _given(**fields: Any) -> Json:  # noqa: ANN401 - whatever JSON holds
    return {name: value for name, value in fields.items() if value not in {None, False}}


def _login(user: Json) -> Json:
    return {name: value for name, value in user.items() if name != "keys"}


def _nothing(_: Json) -> None:
    return None


def needs_login() -> click.UsageError:
    return click.UsageError(
        "your own password is changed over the API: add --api URL and --user NAME. On the book itself, "
        "`voltbook users set-password NAME` sets that of any login"
    )


class UserOperations:
    _caller: Identity

    @operation(
        Route(
            "POST",
            _USERS,
            body=lambda user, password, role, trader_id: _given(
                name=user, password=password, role=role, trader_id=trader_id
            ),
            read=_login,
        )
    )
    def add_user(self, user: str, password: str, role: Role, trader_id: str | None, /) -> Json:
        """Add a login and return it."""
        from chalicelib.access import bootstrap as access_bootstrap
        from chalicelib.access import service as access_service

        stores = (access_bootstrap.directory(), access_bootstrap.passwords())
        return login_of(access_service.add_user(user, password, role, trader_id, *stores, self._caller.name))

    @operation(Route("GET", _USERS, Answer.LIST, read=lambda users: [_login(user) for user in users]))
    def list_users(self) -> Sequence[Json]:
        from chalicelib.access import bootstrap as access_bootstrap
        from chalicelib.access import service as access_service

        return [login_of(user) for user in access_service.list_users(access_bootstrap.directory())]

    @operation(Route("POST", _USER, body=lambda password: {"password": password}, read=_nothing))
    def set_password(self, user: str, password: str, /) -> None:
        from chalicelib.access import bootstrap as access_bootstrap
        from chalicelib.access import service as access_service

        stores = (access_bootstrap.directory(), access_bootstrap.passwords())
        access_service.set_password(user, password, *stores, self._caller.name)

    @operation(
        Route(
            "POST",
            _USER,
            body=lambda role, trader_id, give_up_admin: _given(
                role=role, trader_id=trader_id, give_up_admin=give_up_admin
            ),
            read=_login,
        )
    )
    def change_user(self, user: str, role: Role | None, trader_id: str | None, give_up_admin: bool, /) -> Json:
        """Change a login and return it. `give_up_admin` matters over the API only: an operator is no login."""
        from chalicelib.access import bootstrap as access_bootstrap
        from chalicelib.access.user_change import UserChange

        del give_up_admin
        change = UserChange(role=role, trader_id=trader_id)
        return login_of(access_bootstrap.directory().change(user, change, self._caller.name))

    @operation(
        Route(
            "POST",
            _USER,
            body=lambda give_up_admin: {"disabled": True, **_given(give_up_admin=give_up_admin)},
            read=_nothing,
        )
    )
    def disable_user(self, user: str, give_up_admin: bool, /) -> None:
        from chalicelib.access import bootstrap as access_bootstrap
        from chalicelib.access import service as access_service

        del give_up_admin  # as in `change_user`
        access_service.disable_user(user, access_bootstrap.directory(), self._caller.name)

    @operation(Route("POST", _USER, body=lambda: {"disabled": False}, read=_nothing))
    def enable_user(self, user: str, /) -> None:
        from chalicelib.access import bootstrap as access_bootstrap
        from chalicelib.access import service as access_service

        access_service.enable_user(user, access_bootstrap.directory(), self._caller.name)

    @operation(Route("POST", _KEYS, body=lambda label: _given(label=label)))
    def add_key(self, user: str, label: str | None, /) -> Json:
        """Add an API key and return it with its `token`, which is shown this once."""
        from chalicelib.access import bootstrap as access_bootstrap
        from chalicelib.access import keys as access_keys
        from chalicelib.common import clock as common_clock

        key, token = access_keys.add_key(user, label, access_bootstrap.keys(), common_clock.clock(), self._caller.name)
        return {**key.as_json(), "token": token}

    @operation(Route("GET", _KEYS, Answer.LIST))
    def list_keys(self, user: str, /) -> Sequence[Json]:
        from chalicelib.access import bootstrap as access_bootstrap
        from chalicelib.access import keys as access_keys

        keys = access_keys.list_keys(user, access_bootstrap.directory(), access_bootstrap.keys())
        return [key.as_json() for key in keys]

    @operation(Route("POST", "/v2/me/password", body=lambda old, new: {"old": old, "new": new}, read=_nothing))
    def change_own_password(self, old: str, new: str, /) -> None:
        """Replace the password of the login that calls the API."""
        del old, new
        raise needs_login()

    @operation(Route("POST", f"{_KEYS}/{{key_id}}/revoke", body=dict, read=_nothing))
    def revoke_key(self, user: str, key_id: str, /) -> None:
        from chalicelib.access import bootstrap as access_bootstrap

        access_bootstrap.keys().revoke(user, key_id, self._caller.name)
