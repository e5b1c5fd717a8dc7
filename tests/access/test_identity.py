"""What each role may see and do: promise 6 as a table."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from operator import methodcaller

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.access.model import User
from chalicelib.common.errors import NotAllowed

TRADER = Identity("tina", Role.TRADER, "trader_1")
NAMELESS = Identity("nobody", Role.TRADER)
DESK = Identity("dora", Role.DESK)
IMPORTER = Identity("ivan", Role.IMPORTER)
ADMIN = Identity("anna", Role.ADMIN)
FOREIGN = ["trader_2", "Trader_1", "trader_1 ", "trader_1#", "", "tina"]


@pytest.mark.parametrize("trader_id", FOREIGN)
def test_a_trader_reads_and_books_their_own_only(trader_id: str) -> None:
    assert TRADER.may_read("trader_1")
    assert TRADER.may_book("trader_1")
    assert not TRADER.may_read(trader_id)
    assert not TRADER.may_book(trader_id)


@pytest.mark.parametrize(
    ("caller", "reads", "books"), [(DESK, True, False), (IMPORTER, True, True), (ADMIN, True, True)]
)
def test_the_others_read_everybody_s_and_some_book_for_everybody(caller: Identity, reads: bool, books: bool) -> None:
    for trader_id in ("trader_1", *FOREIGN):
        assert (caller.may_read(trader_id), caller.may_book(trader_id)) == (reads, books)


@pytest.mark.parametrize(
    ("caller", "named", "read"),
    [
        (TRADER, None, "trader_1"),
        (TRADER, "trader_1", "trader_1"),
        (DESK, None, None),
        (DESK, "trader_2", "trader_2"),
        (IMPORTER, None, None),
        (ADMIN, None, None),
        (ADMIN, "unheard of", "unheard of"),
    ],
)
def test_a_request_reads_whom_it_names_or_else_all_that_is_theirs(
    caller: Identity, named: str | None, read: str | None
) -> None:
    assert caller.reading(named) == read


@pytest.mark.parametrize("trader_id", FOREIGN)
def test_naming_another_trader_is_refused_whether_or_not_they_exist(trader_id: str) -> None:
    with pytest.raises(NotAllowed, match="this trader's book is not yours to see"):
        TRADER.reading(trader_id)


@pytest.mark.parametrize("caller", [TRADER, IMPORTER, ADMIN])
def test_who_may_book_for_a_trader_is_let_through(caller: Identity) -> None:
    caller.require_booking("trader_1")


@pytest.mark.parametrize(("caller", "trader_id"), [(DESK, "trader_1"), (TRADER, "trader_2"), (NAMELESS, "trader_1")])
def test_who_may_not_book_for_a_trader_is_refused(caller: Identity, trader_id: str) -> None:
    with pytest.raises(NotAllowed, match="you may not book trades for this trader"):
        caller.require_booking(trader_id)


@pytest.mark.parametrize(
    ("requirement", "allowed", "refusal"),
    [
        (Identity.require_files, {DESK, IMPORTER, ADMIN}, "the daily files are not yours to see"),
        (Identity.require_accepting, {IMPORTER, ADMIN}, "the daily files are not yours to accept"),
        (Identity.require_withdrawing, {IMPORTER, ADMIN}, "you may not withdraw or restore trades"),
        (Identity.require_pricing, {IMPORTER, ADMIN}, "the reference prices are not yours to set"),
        (Identity.require_fees, {ADMIN}, "the fees are not yours to set"),
        (Identity.require_managing, {ADMIN}, "the logins are not yours to see or change"),
        (methodcaller("require_keys_of", "tina"), {TRADER, ADMIN}, "these keys are not yours to see or change"),
    ],
)
def test_each_act_is_for_some_roles_only(
    requirement: Callable[[Identity], None], allowed: set[Identity], refusal: str
) -> None:
    for caller in (TRADER, NAMELESS, DESK, IMPORTER, ADMIN):
        with nullcontext() if caller in allowed else pytest.raises(NotAllowed, match=refusal):
            requirement(caller)


def test_a_key_opens_what_its_user_may_do_but_no_logins() -> None:
    with_key = replace(ADMIN, key_id="0" * 16)
    assert with_key == ADMIN
    ADMIN.require_password()
    with pytest.raises(NotAllowed, match="a key can neither add keys nor add or change logins"):
        with_key.require_password()


def test_a_trader_login_without_a_trader_id_sees_no_trades() -> None:
    with pytest.raises(NotAllowed, match="no trader_id of its own"):
        NAMELESS.reading(None)
    assert not NAMELESS.may_read("trader_1")


def test_every_role_is_tried() -> None:
    assert {caller.role for caller in (TRADER, DESK, IMPORTER, ADMIN)} == set(Role)


def test_a_new_login_is_neither_disabled_nor_the_first_admin() -> None:
    assert User(ADMIN, "hash") == User(ADMIN, "hash", disabled=False, first=False)


def test_what_answers_are_signed_with_is_no_part_of_who_somebody_is() -> None:
    sealed = Identity("tina", Role.TRADER, "trader_1", seal="secret")
    assert sealed == TRADER
    assert "secret" not in repr(sealed)
