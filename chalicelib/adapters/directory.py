"""The logins in the `users` table."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pynamodb.exceptions import DoesNotExist, PutError, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.adapters.failures import attempted, condition_failed, told_plainly
from chalicelib.adapters.models import UserItem
from chalicelib.domain.caller import Caller, Role, User
from chalicelib.domain.errors import AlreadyExists, NotFound


class UserTable:
    """The table `users`; see `ports.Directory` for what each call promises."""

    def find(self, name: str) -> User | None:
        """Give a user, disabled ones too."""
        with told_plainly():
            try:
                return _user(UserItem.get(name, consistent_read=True))
            except DoesNotExist:
                return None

    def add(self, user: User) -> None:
        """Add a user whose name is free."""
        caller = user.caller
        item = UserItem(caller.name, password_hash=user.password_hash, role=caller.role.value)
        item.trader_id = caller.trader_id
        try:
            attempted(partial(item.save, UserItem.name.does_not_exist()))
        except PutError as error:
            if not condition_failed(error):
                raise
            message = f"there is a user {caller.name!r} already"
            raise AlreadyExists(message) from error

    def set_password(self, name: str, password_hash: str) -> None:
        """Replace a user's hash."""
        _change(name, UserItem.password_hash.set(password_hash))

    def disable(self, name: str) -> None:
        """Shut a user out."""
        _change(name, UserItem.disabled.set(True))

    def list(self) -> Iterator[User]:
        """Give all users; the table holds dozens, not thousands."""
        with told_plainly():
            yield from (_user(item) for item in UserItem.scan(consistent_read=True))


def _change(name: str, action: Action) -> None:
    try:
        attempted(partial(UserItem(name).update, [action], UserItem.name.exists()))
    except UpdateError as error:
        if not condition_failed(error):
            raise
        message = f"there is no user {name!r}"
        raise NotFound(message) from error


def _user(item: UserItem) -> User:
    caller = Caller(item.name, Role(item.role), item.trader_id)
    return User(caller, item.password_hash, bool(item.disabled))
