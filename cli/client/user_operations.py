"""The operations on logins; see `Client`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access import keys as access_keys
from chalicelib.access import service as access_service
from chalicelib.access.identity import Identity, Role
from chalicelib.access.user_change import UserChange
from chalicelib.common import clock as common_clock
from cli.client.answers import login_of
from cli.client.operation import operation
from cli.output.json import Json

_logins_only: Final = operation("logins are kept by the stage's operator, not over the API")


class UserOperations:
    _caller: Identity

    @_logins_only
    def add_user(self, name: str, role: Role, trader_id: str | None, ask_password: Callable[[], str], /) -> Json:
        """Add a login and return it; `ask_password` is called only if logins can be added."""
        stores = (access_bootstrap.directory(), access_bootstrap.passwords())
        return login_of(access_service.add_user(name, ask_password(), role, trader_id, *stores, self._caller.name))

    @_logins_only
    def list_users(self) -> Sequence[Json]:
        return [login_of(user) for user in access_service.list_users(access_bootstrap.directory())]

    @_logins_only
    def set_password(self, name: str, ask_password: Callable[[], str], /) -> None:
        """Store a new password; `ask_password` is called only if that can be done."""
        access_service.set_password(
            name, ask_password(), access_bootstrap.directory(), access_bootstrap.passwords(), self._caller.name
        )

    @_logins_only
    def change_user(self, name: str, role: Role | None, trader_id: str | None, /) -> Json:
        change = UserChange(role=role, trader_id=trader_id)
        return login_of(access_bootstrap.directory().change(name, change, self._caller.name))

    @_logins_only
    def disable_user(self, name: str, agrees: Callable[[], bool], /) -> bool:
        """Disable a login; return False if `agrees` refuses."""
        if not agrees():
            return False
        access_service.disable_user(name, access_bootstrap.directory(), self._caller.name)
        return True

    @_logins_only
    def enable_user(self, name: str, /) -> None:
        access_service.enable_user(name, access_bootstrap.directory(), self._caller.name)

    @_logins_only
    def add_key(self, name: str, label: str | None, /) -> Json:
        """Add an API key and return it with its `token`, which is shown this once."""
        key, token = access_keys.add_key(name, label, access_bootstrap.keys(), common_clock.clock(), self._caller.name)
        return {**key.as_json(), "token": token}

    @_logins_only
    def list_keys(self, name: str, /) -> Sequence[Json]:
        keys = access_keys.list_keys(name, access_bootstrap.directory(), access_bootstrap.keys())
        return [key.as_json() for key in keys]

    @_logins_only
    def revoke_key(self, name: str, key_id: str, /) -> None:
        access_bootstrap.keys().revoke(name, key_id, self._caller.name)
