"""The tables `users` and `attempts` (failed logins)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.access.identity import Caller, Role, User
from chalicelib.access.login_throttle import START_INTERVAL, WINDOW, FailedLogin
from chalicelib.access.user_changes import note_change
from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import SYSTEM_ACTOR, Act, Deed, Entry, State
from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, attempted, condition_failed, retried, succeeded, translated_errors
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
        item.trader_id = caller.trader_id
        item.first = user.first or None
        after = {"role": caller.role.value, "trader_id": caller.trader_id, "disabled": user.disabled}
        entry = self._entry(by, Act.USER_ADDED, caller.name, {}, after)
        write = partial(_together, lambda batch: batch.save(item, UserItem.name.does_not_exist()), entry)
        try:
            attempted(write)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise AlreadyExists(f"user {caller.name!r} already exists") from error

    def set_password(self, name: str, password_hash: str, by: str = SYSTEM_ACTOR) -> None:
        entry = self._entry(by, Act.PASSWORD_SET, name, {}, {})
        change: list[Action] = [UserItem.password_hash.set(password_hash)]
        write = partial(_together, lambda batch: batch.update(UserItem(name), change, UserItem.name.exists()), entry)
        try:
            attempted(write)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise _unknown_user(name) from error

    def disable(self, name: str, by: str = SYSTEM_ACTOR) -> None:
        retried(partial(self._disable, name, by))

    def list(self) -> Iterator[User]:
        with translated_errors():  # a scan: the table has dozens of users
            yield from (_user(item) for item in UserItem.scan(consistent_read=True))

    def _disable(self, name: str, by: str) -> None:
        user = self.find(name)
        if user is None:
            raise _unknown_user(name)
        entry = self._entry(by, Act.USER_DISABLED, name, {"disabled": user.disabled}, {"disabled": True})
        as_read = UserItem.disabled == user.disabled
        try:
            with translated_errors():
                _together(lambda batch: batch.update(UserItem(name), [UserItem.disabled.set(True)], as_read), entry)
        except TransactWriteError as error:
            if not condition_failed(error):
                raise
            raise Contended from error

    def _entry(self, by: str, act: Act, name: str, before: State, after: State) -> Entry:
        return Entry(Deed(by, act, name), self._clock.now(), before, after)


def _together(change: Callable[[TransactWrite], None], entry: Entry) -> None:
    try:
        with TransactWrite(connection=connection()) as transaction:
            change(transaction)
            add_entry(transaction, entry)
    finally:  # also where only the reply was lost
        note_change()


def _unknown_user(name: str) -> NotFound:
    return NotFound(f"unknown user {name!r}")


def _user(item: UserItem) -> User:
    caller = Caller(item.name, Role(item.role), item.trader_id)
    return User(caller, item.password_hash, bool(item.disabled), bool(item.first))


class AttemptTable:
    """The table `attempts`; see `LoginAttempts`."""

    def begin(self, source: str, moment: datetime, most: int) -> bool:
        # One atomic write. The key sorts before those of all failures.
        number = (moment - EPOCH) // START_INTERVAL
        expires = (number + 1) * START_INTERVAL // timedelta(seconds=1)
        actions: list[Action] = [AttemptItem.begun.add(1), AttemptItem.expires.set(expires)]
        may_start = AttemptItem.begun.does_not_exist() | (AttemptItem.begun < most)
        write = partial(AttemptItem(source, f"#{number}").update, actions, may_start)
        return succeeded(partial(attempted, write))

    def discount(self, source: str, moment: datetime) -> None:
        item = AttemptItem(source, f"#{(moment - EPOCH) // START_INTERVAL}")
        # DynamoDB may have deleted the item of an interval that is over.
        succeeded(partial(attempted, partial(item.update, [AttemptItem.begun.add(-1)], AttemptItem.begun > 0)))

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
