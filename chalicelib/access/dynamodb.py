"""The tables `users` and `attempts` (failed logins)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial, reduce
from operator import and_
from typing import Final

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import DoesNotExist, TransactWriteError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from chalicelib.access.change_counter import note_change
from chalicelib.access.identity import Identity, Role
from chalicelib.access.login_throttle import START_INTERVAL, WINDOW, FailedLogin
from chalicelib.access.model import ApiKey, User
from chalicelib.access.store import MAX_KEYS
from chalicelib.access.user_change import UserChange, is_active_admin, last_admin, user_state
from chalicelib.audit.dynamodb import add_entry
from chalicelib.audit.model import SYSTEM_ACTOR, Act, Deed, Entry, State
from chalicelib.aws.client import connection
from chalicelib.aws.errors import Contended, attempted, condition_failed, retried, succeeded, translated_errors
from chalicelib.aws.items import IntegerAttribute
from chalicelib.common.clock import Clock
from chalicelib.common.errors import AlreadyExists, InvalidRequest, NotFound, Unavailable
from chalicelib.common.timestamps import EPOCH, format_utc, instant, millis

_KEY: Final = "key:"


class UserItem(Model):
    class Meta:
        table_name = "users"

    name = UnicodeAttribute(hash_key=True)
    password_hash = UnicodeAttribute()
    role = UnicodeAttribute()
    trader_id = UnicodeAttribute(null=True)
    disabled = BooleanAttribute(default=False)
    first = BooleanAttribute(null=True)
    key_ids = UnicodeSetAttribute(null=True)


class KeyItem(Model):
    """An API key, beside the users: its `name` is `key:ID`, and the name of a user has no colon."""

    class Meta:
        table_name = "users"

    name = UnicodeAttribute(hash_key=True)
    user = UnicodeAttribute()
    label = UnicodeAttribute(null=True)
    secret_hash = UnicodeAttribute()
    created_at = UnicodeAttribute()
    last_used_at = UnicodeAttribute(null=True)


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
        if name.startswith(_KEY):
            return None
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
        entry = Entry(Deed(by, Act.USER_ADDED, caller.name), self._clock.now(), {}, user_state(user))
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
            raise _unknown_user(name)
        after = change.apply(before)
        entry = Entry(Deed(by, change.act, name), self._clock.now(), *change.states(before, after))
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


def _together(change: Callable[[TransactWrite], None], entry: Entry) -> None:
    try:
        with TransactWrite(connection=connection()) as transaction:
            change(transaction)
            add_entry(transaction, entry)
    finally:  # also where only the reply was lost
        note_change()


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
    caller = Identity(item.name, Role(item.role), item.trader_id)
    return User(caller, item.password_hash, bool(item.disabled), bool(item.first))


class KeyTable:
    """The keys in the table `users`; see `Keys`. The user's item has their ids, which bounds their number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def find(self, key_id: str) -> ApiKey | None:
        with translated_errors():
            try:
                return _key(KeyItem.get(f"{_KEY}{key_id}", consistent_read=True))
            except DoesNotExist:
                return None

    def add(self, key: ApiKey, by: str = SYSTEM_ACTOR) -> None:
        item = KeyItem(f"{_KEY}{key.id}", user=key.user, label=key.label, secret_hash=key.secret_hash)
        item.created_at = format_utc(key.created_at)
        few = UserItem.role.exists() & (UserItem.key_ids.does_not_exist() | (size(UserItem.key_ids) < MAX_KEYS))
        entry = Entry(Deed(by, Act.KEY_ADDED, key.user), self._clock.now(), {}, _key_state(key))

        def write(batch: TransactWrite) -> None:
            batch.save(item, KeyItem.name.does_not_exist())
            batch.update(UserItem(key.user), [UserItem.key_ids.add({key.id})], few)

        if not self._write(write, entry):
            if UserTable(self._clock).find(key.user) is None:
                raise _unknown_user(key.user)
            raise InvalidRequest(f"{key.user!r} has {MAX_KEYS} keys, the most at once: revoke one of them first")

    def revoke(self, user: str, key_id: str, by: str = SYSTEM_ACTOR) -> ApiKey:
        key = self.find(key_id)
        if key is None or key.user != user:
            raise _unknown_key(user, key_id)
        entry = Entry(Deed(by, Act.KEY_REVOKED, user), self._clock.now(), _key_state(key), {})

        def write(batch: TransactWrite) -> None:
            batch.delete(KeyItem(f"{_KEY}{key_id}"), KeyItem.user == user)
            batch.update(UserItem(user), [UserItem.key_ids.delete({key_id})], UserItem.role.exists())

        if not self._write(write, entry):
            raise _unknown_key(user, key_id)
        return key

    def record_use(self, key_id: str, at: datetime) -> None:
        item = KeyItem(f"{_KEY}{key_id}")
        use: list[Action] = [KeyItem.last_used_at.set(format_utc(at))]
        # The login does not depend on it, and the next one stores it again.
        with suppress(Contended, Unavailable), translated_errors():
            succeeded(partial(item.update, use, KeyItem.secret_hash.exists()))

    def list(self) -> Iterator[ApiKey]:
        with translated_errors():
            yield from (_key(item) for item in KeyItem.scan(KeyItem.secret_hash.exists(), consistent_read=True))

    def _write(self, change: Callable[[TransactWrite], None], entry: Entry) -> bool:
        return succeeded(lambda: attempted(partial(_together, change, entry)))


def _key(item: KeyItem) -> ApiKey:
    used = instant(item.last_used_at) if item.last_used_at else None
    return ApiKey(item.name.removeprefix(_KEY), item.user, item.label, item.secret_hash, instant(item.created_at), used)


def _key_state(key: ApiKey) -> State:
    return {"key": key.id, "label": key.label}


def _unknown_user(name: str) -> NotFound:
    return NotFound(f"unknown user {name!r}")


def _unknown_key(user: str, key_id: str) -> NotFound:
    return NotFound(f"{user!r} has no key {key_id!r}")


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
