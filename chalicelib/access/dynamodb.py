"""The tables `users` and `attempts` (failed logins)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import and_

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.access.identity import Caller, Role, User
from chalicelib.access.login_throttle import START_INTERVAL, WINDOW, FailedLogin
from chalicelib.access.user_change import UserChange, is_active_admin, last_admin, user_state
from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import SYSTEM_ACTOR, Act, Deed, Entry, State
from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, attempted, condition_failed, retried, translated_errors
from chalicelib.aws.items import IntegerAttribute
from chalicelib.common.clock import Clock
from chalicelib.common.errors import AlreadyExists, NotFound
from chalicelib.common.timestamps import EPOCH, millis


class UserItem(Model):
    class Meta:
        table_name = "users"

    name = UnicodeAttribute(hash_key=True)
    password_hash = UnicodeAttribute()
    role = UnicodeAttribute()
    trader_id = UnicodeAttribute(null=True)
    disabled = BooleanAttribute(default=False)
    first = BooleanAttribute(null=True)


class AttemptItem(Model):
    """A failed login, or a count of started ones; DynamoDB deletes it after `expires` (seconds since 1970)."""

    class Meta:
        table_name = "attempts"

    source = UnicodeAttribute(hash_key=True)
    moment = UnicodeAttribute(range_key=True)
    who = UnicodeAttribute()
    begun = IntegerAttribute(null=True)
    expires = IntegerAttribute()


class UserTable:
    """The table `users`; see `Directory`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def find(self, name: str) -> User | None:
        with translated_errors():
            try:
                return _user(UserItem.get(name, consistent_read=True))
            except DoesNotExist:
                return None

    def add(self, user: User, by: str = SYSTEM_ACTOR) -> None:
        caller = user.caller
        item = UserItem(caller.name, password_hash=user.password_hash, role=caller.role.value)
        item.trader_id, item.disabled = caller.trader_id, user.disabled
        item.first = user.first or None
        entry = self._entry(by, Act.USER_ADDED, caller.name, {}, user_state(user))
        write = partial(_together, lambda batch: batch.save(item, UserItem.name.does_not_exist()), entry)
        try:
            attempted(write)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise AlreadyExists(f"user {caller.name!r} already exists") from error

    def change(self, name: str, change: UserChange, by: str = SYSTEM_ACTOR) -> User:
        return retried(partial(self._change, name, change, by))

    def list(self) -> Iterator[User]:
        with translated_errors():  # a scan: the table has dozens of users
            yield from (_user(item) for item in UserItem.scan(UserItem.role.exists(), consistent_read=True))

    def _change(self, name: str, change: UserChange, by: str) -> User:
        before = self.find(name)
        if before is None:
            raise NotFound(f"unknown user {name!r}")
        after = change.apply(before)
        entry = self._entry(by, change.act, name, *change.states(before, after))
        other = self._other_admin(name) if is_active_admin(before) and not is_active_admin(after) else None

        def write(batch: TransactWrite) -> None:
            batch.update(UserItem(name), _actions(after), _as_read(before))
            if other is not None:  # two admins may disable each other at the same time
                batch.condition_check(UserItem, other.caller.name, condition=_as_read(other))

        try:
            with translated_errors():
                _together(write, entry)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise Contended from error
        return after

    def _other_admin(self, name: str) -> User:
        for user in self.list():
            if is_active_admin(user) and user.caller.name != name:
                return user
        raise last_admin(name)

    def _entry(self, by: str, act: Act, name: str, before: State, after: State) -> Entry:
        return Entry(Deed(by, act, name), self._clock.now(), before, after)


def _together(change: Callable[[TransactWrite], None], entry: Entry) -> None:
    with TransactWrite(connection=connection()) as transaction:
        change(transaction)
        add_entry(transaction, entry)


def _as_read(user: User) -> Condition:
    """Return the condition that nobody has changed a user since."""
    caller, trader_id = user.caller, UserItem.trader_id
    same = [
        UserItem.role == caller.role.value,
        trader_id.does_not_exist() if caller.trader_id is None else trader_id == caller.trader_id,
        UserItem.password_hash == user.password_hash,
        UserItem.disabled == user.disabled,
    ]
    return reduce(and_, same)


def _actions(user: User) -> list[Action]:
    caller, trader_id = user.caller, UserItem.trader_id
    return [
        UserItem.role.set(caller.role.value),
        trader_id.remove() if caller.trader_id is None else trader_id.set(caller.trader_id),
        UserItem.disabled.set(user.disabled),
        UserItem.password_hash.set(user.password_hash),
    ]


def _user(item: UserItem) -> User:
    caller = Caller(item.name, Role(item.role), item.trader_id)
    return User(caller, item.password_hash, bool(item.disabled), bool(item.first))


class AttemptTable:
    """The table `attempts`; see `LoginAttempts`."""

    def begin(self, source: str, moment: datetime) -> int:
        # One atomic write. The key sorts before those of all failures.
        number = (moment - EPOCH) // START_INTERVAL
        item = AttemptItem(source, f"#{number}")
        expires = (number + 1) * START_INTERVAL // timedelta(seconds=1)
        attempted(partial(item.update, [AttemptItem.begun.add(1), AttemptItem.expires.set(expires)]))
        return item.begun

    def since(self, source: str, moment: datetime, most: int) -> Sequence[FailedLogin]:
        newer = AttemptItem.moment > f"{_millis(moment)}~"
        with translated_errors():
            items = AttemptItem.query(source, newer, consistent_read=True, scan_index_forward=False, limit=most)
            return [FailedLogin(item.who, _moment(item.moment)) for item in items]

    def note(self, source: str, failed: FailedLogin) -> None:
        item = AttemptItem(source, f"{_millis(failed.at)}#{secrets.token_hex(4)}", who=failed.who)
        item.expires = (failed.at + WINDOW - EPOCH) // timedelta(seconds=1)
        attempted(partial(item.save))


def _millis(moment: datetime) -> str:
    return f"{millis(moment):013d}"


def _moment(key: str) -> datetime:
    return EPOCH + timedelta(milliseconds=int(key.partition("#")[0]))
