"""An error says in the users' words what went wrong, and how much of it."""

from __future__ import annotations

import pytest

from chalicelib.common.errors import ConflictingTrade, InvalidTrade, NotInV1, Problem, TooManyAttempts

PRICE = Problem("price", "is required")
QUANTITY = Problem("quantity", "is required")


@pytest.mark.parametrize(("problems", "count"), [((PRICE,), "1 problem"), ((PRICE, QUANTITY), "2 problems")])
def test_the_error_of_an_invalid_trade_counts_its_problems(problems: tuple[Problem, ...], count: str) -> None:
    error = InvalidTrade(problems)
    assert str(error) == error.message == f"this trade cannot be booked: {count}"
    assert error.problems == problems


def test_a_conflict_names_the_trade_and_what_stays() -> None:
    assert str(ConflictingTrade("t-1")) == (
        "trade 't-1' is already booked with other terms; the booked trade stays as it is"
    )


def test_a_file_puts_back_what_a_file_withdrew() -> None:
    assert str(ConflictingTrade("t-1", "the file of 2026-06-15")) == (
        "trade 't-1' was withdrawn by the file of 2026-06-15; only a file puts it back; see its history"
    )


def test_in_full_an_error_names_all_its_problems() -> None:
    said = "this trade cannot be booked: 2 problems; price: is required; quantity: is required"
    assert InvalidTrade((PRICE, QUANTITY)).in_full == said


def test_too_many_attempts_includes_the_wait_time() -> None:
    assert "wait 61 seconds, until 2026-06-16T06:01:01Z" in str(TooManyAttempts("2026-06-16T06:01:01Z", 61))


def test_a_problem_reads_as_field_and_message() -> None:
    assert str(PRICE) == "price: is required"


def test_a_trade_that_v1_cannot_state_is_found_by_request_and_command() -> None:
    assert str(NotInV1("t-1", "/v2/trades/epex/t-1")) == (
        "the eight fields of v1 cannot state trade 't-1'; it is at /v2/trades/epex/t-1, "
        "and voltbook trades show has it with --full"
    )
