"""A post that meets other transactions: booked once within the request's time, else 503 and safe to repeat."""

from __future__ import annotations

import pytest

from chalicelib.access.http import API_SECONDS
from chalicelib.aws.errors import LAST_CALL, LONGEST_WAIT
from tests.fakes.dynamodb_faults import cancelled, injected
from tests.fixtures.api_client import Client, is_error
from tests.fixtures.trades import fields
from tests.fixtures.waiting import CALL, RetryClock

CONFLICT = cancelled("None", "TransactionConflict")


def booked_by(admin: Client, trader_id: str) -> tuple[int, int]:
    """Return how many trades a trader has in the list, and in the report."""
    listed = admin.get("/v1/trades", trader_id=trader_id).json
    report = admin.get("/v1/reports/pnl", trader_id=trader_id, start_day="2023-02-28").json
    return len(listed), report["total"]["trades"]


def test_a_post_that_meets_conflicts_for_five_seconds_is_booked_once(admin: Client, retry_clock: RetryClock) -> None:
    with injected("TransactWriteItems", *[retry_clock.until(5, CONFLICT)] * 1000) as calls:
        answer = admin.post(fields(id="five", trader_id="five"))
    assert (answer.status, answer.json["outcome"]) == (200, "booked")
    assert len(calls) > 5
    assert 5 <= retry_clock.now <= 5 + LONGEST_WAIT + CALL
    assert booked_by(admin, "five") == (1, 1)


def test_a_post_that_meets_conflicts_for_too_long_is_503_and_repeatable(admin: Client, retry_clock: RetryClock) -> None:
    with injected("TransactWriteItems", *[retry_clock.until(1e9, CONFLICT)] * 1000):
        refused = admin.post(fields(id="long", trader_id="long"))
    assert is_error(refused, 503)
    assert refused.code == "unavailable"
    assert int(refused.headers["retry-after"]) >= 1
    assert retry_clock.now <= API_SECONDS - LAST_CALL + CALL
    assert booked_by(admin, "long") == (0, 0)
    outcomes = [admin.post(fields(id="long", trader_id="long")).json["outcome"] for _ in range(2)]
    assert outcomes == ["booked", "already_there"]
    assert booked_by(admin, "long") == (1, 1)


def test_a_request_with_little_time_left_is_refused_in_time(
    admin: Client, retry_clock: RetryClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalice.local.LambdaContext.get_remaining_time_in_millis", lambda _: 10_000)
    with injected("TransactWriteItems", *[retry_clock.until(1e9, CONFLICT)] * 1000):
        assert is_error(admin.post(fields(id="little", trader_id="little")), 503)
    assert retry_clock.now <= 10 - LAST_CALL + CALL


@pytest.mark.parametrize(
    "path",
    [
        "/v1/trades?delivery_day=2023-02-28",
        "/v1/trades?trader_id=trader_1",
        "/v1/trades/five",
        "/v1/reports/pnl?start_day=2023-02-20&end_day=2023-02-28",
        "/v1/prices?start_day=2023-02-20&end_day=2023-02-28",
        "/v1/files?start_day=2023-02-20&end_day=2023-02-28",
        "/v1/files/2023-02-20",
    ],
)
def test_no_route_begins_a_call_that_may_end_too_late(
    admin: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("chalice.local.LambdaContext.get_remaining_time_in_millis", lambda _: 1_000 * (LAST_CALL - 1))
    assert is_error(admin.get(path), 503)
