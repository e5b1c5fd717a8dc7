"""What each role may see and do: promise 6 as a table."""

from __future__ import annotations

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


@pytest.mark.parametrize("caller", [DESK, IMPORTER, ADMIN])
def test_who_reads_everybody_s_trades_may_see_the_daily_files(caller: Identity) -> None:
    caller.require_files()


@pytest.mark.parametrize("caller", [TRADER, NAMELESS])
def test_a_trader_may_not_see_the_daily_files(caller: Identity) -> None:
    with pytest.raises(NotAllowed, match="the daily files are not yours to see"):
        caller.require_files()


def test_a_trader_login_without_a_trader_id_sees_no_trades() -> None:
    with pytest.raises(NotAllowed, match="no trader_id of its own"):
        NAMELESS.reading(None)
    assert not NAMELESS.may_read("trader_1")


def test_every_role_is_tried() -> None:
    assert {caller.role for caller in (TRADER, DESK, IMPORTER, ADMIN)} == set(Role)


def test_a_new_login_is_not_disabled() -> None:
    assert not User(ADMIN, "hash").disabled


def test_what_answers_are_signed_with_is_no_part_of_who_somebody_is() -> None:
    sealed = Identity("tina", Role.TRADER, "trader_1", seal="secret")
    assert sealed == TRADER
    assert "secret" not in repr(sealed)


@pytest.mark.parametrize("caller", [IMPORTER, ADMIN])
def test_roles_that_book_for_all_may_set_prices(caller: Identity) -> None:
    caller.require_pricing()


@pytest.mark.parametrize("caller", [DESK, TRADER])
def test_other_roles_may_not_set_prices(caller: Identity) -> None:
    with pytest.raises(NotAllowed, match="not yours to set"):
        caller.require_pricing()
