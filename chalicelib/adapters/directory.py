"""The logins in the `users` table; whatever changes one tells the audit in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.audit import add_entry
from chalicelib.adapters.failures import Contended, attempted, condition_failed, retried, told_plainly
from chalicelib.adapters.models import UserItem, connection
from chalicelib.domain.audit import ITSELF, Act, Deed, Entry, State
from chalicelib.domain.caller import Caller, Role, User
from chalicelib.domain.errors import AlreadyExists, NotFound
from chalicelib.ports import Clock


class UserTable:
    """The table `users`; see `ports.Directory` for what each call promises."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def find(self, name: str) -> User | None:
        """Give a user, disabled ones too."""
        with told_plainly():
            try:
                return _user(UserItem.get(name, consistent_read=True))
            except DoesNotExist:
                return None

    def add(self, user: User, by: str = ITSELF) -> None:
        """Add a user whose name is free."""
        caller = user.caller
        item = UserItem(caller.name, password_hash=user.password_hash, role=caller.role.value)
        item.trader_id = caller.trader_id
        after = {"role": caller.role.value, "trader_id": caller.trader_id, "disabled": user.disabled}
        entry = self._entry(by, Act.USER_ADDED, caller.name, {}, after)
        write = partial(_together, lambda one: one.save(item, UserItem.name.does_not_exist()), entry)
        try:
            attempted(write)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            message = f"there is a user {caller.name!r} already"
            raise AlreadyExists(message) from error

    def set_password(self, name: str, password_hash: str, by: str = ITSELF) -> None:
        """Replace a user's hash; the audit tells that it was done, and nothing of either."""
        entry = self._entry(by, Act.PASSWORD_SET, name, {}, {})
        change: list[Action] = [UserItem.password_hash.set(password_hash)]
        write = partial(_together, lambda one: one.update(UserItem(name), change, UserItem.name.exists()), entry)
        try:
            attempted(write)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise _nobody(name) from error

    def disable(self, name: str, by: str = ITSELF) -> None:
        """Shut a user out; the audit tells truly whether they were in before."""
        retried(partial(self._disable, name, by))

    def list(self) -> Iterator[User]:
        """Give all users; the table holds dozens, not thousands."""
        with told_plainly():
            yield from (_user(item) for item in UserItem.scan(consistent_read=True))

    def _disable(self, name: str, by: str) -> None:
        found = self.find(name)
        if found is None:
            raise _nobody(name)
        entry = self._entry(by, Act.USER_DISABLED, name, {"disabled": found.disabled}, {"disabled": True})
        as_read = UserItem.disabled == found.disabled
        try:
            with told_plainly():
                _together(lambda one: one.update(UserItem(name), [UserItem.disabled.set(True)], as_read), entry)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise Contended from error

    def _entry(self, by: str, act: Act, name: str, before: State, after: State) -> Entry:
        return Entry(Deed(by, act, name), self._clock.now(), before, after)


def _together(change: Callable[[TransactWrite], None], entry: Entry) -> None:
    with TransactWrite(connection=connection()) as transaction:
        change(transaction)
        add_entry(transaction, entry)


def _nobody(name: str) -> NotFound:
    return NotFound(f"there is no user {name!r}")


def _user(item: UserItem) -> User:
    caller = Caller(item.name, Role(item.role), item.trader_id)
    return User(caller, item.password_hash, bool(item.disabled))
