"""Changes of a user, and what the audit records of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from chalicelib.access.identity import Identity, Role
from chalicelib.access.model import User
from chalicelib.audit.model import Act, State
from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.common.names import is_name


@dataclass(frozen=True, slots=True)
class UserChange:
    """What to change; None leaves a value as it is. A user who is no trader any more loses the trader_id."""

    role: Role | None = None
    trader_id: str | None = None
    disabled: bool | None = None
    password_hash: str | None = None
    replaced_hash: str | None = None  # the hash to replace: any other one refuses the change

    @property
    def act(self) -> Act:
        """Return the act; USER_CHANGED unless only the password or only the state changes."""
        if self.role is not None or self.trader_id is not None:
            return Act.USER_CHANGED
        if self.password_hash is not None:
            return Act.PASSWORD_SET if self.disabled is None else Act.USER_CHANGED
        if self.disabled is None:
            return Act.USER_CHANGED
        return Act.USER_DISABLED if self.disabled else Act.USER_ENABLED

    def apply(self, user: User) -> User:
        """Return the changed user; raises InvalidRequest."""
        if self.replaced_hash not in {None, user.password_hash}:
            raise InvalidRequest(f"the password of {user.caller.name!r} was changed meanwhile: try again with that one")
        role = self.role or user.caller.role
        kept = user.caller.trader_id if role is Role.TRADER else None
        trader_id = kept if self.trader_id is None else self.trader_id
        problems = trader_problems(role, trader_id)
        if problems:
            raise InvalidRequest("this user cannot be changed", tuple(problems))
        return replace(
            user,
            caller=Identity(user.caller.name, role, trader_id),
            password_hash=self.password_hash or user.password_hash,
            disabled=user.disabled if self.disabled is None else self.disabled,
        )

    def states(self, before: User, after: User) -> tuple[State, State]:
        """Return what the audit records of the user before and after."""
        if self.act is Act.PASSWORD_SET:
            return {}, {}
        if self.act is not Act.USER_CHANGED:
            return {"disabled": before.disabled}, {"disabled": after.disabled}
        changed = {} if self.password_hash is None else {"password_set": True}
        return user_state(before), {**user_state(after), **changed}


def user_state(user: User) -> dict[str, Any]:
    return {"role": user.caller.role.value, "trader_id": user.caller.trader_id, "disabled": user.disabled}


def trader_problems(role: Role, trader_id: str | None) -> list[Problem]:
    if role is Role.TRADER and not is_name(trader_id):
        return [Problem("trader_id", "is required for a trader: 1 to 128 printable characters")]
    if role is not Role.TRADER and trader_id is not None:
        return [Problem("trader_id", f"is for the role trader only, not for {role.value}")]
    return []


def is_active_admin(user: User) -> bool:
    return user.caller.role is Role.ADMIN and not user.disabled


def last_admin(name: str) -> InvalidRequest:
    return InvalidRequest(f"{name!r} is the last active admin: add or enable another admin first")
