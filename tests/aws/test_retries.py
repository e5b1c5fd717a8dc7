"""Contention is retried with full jitter, and never beyond the deadline of a request."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from chalicelib.access.http import API_SECONDS
from chalicelib.aws.client import _QUICK_TO_FAIL
from chalicelib.aws.errors import FIRST_WAIT, LAST_CALL, LONGEST_WAIT, MOST_RETRYING, Contended, retried
from chalicelib.common.deadline import ending_within
from chalicelib.common.errors import Unavailable
from chalicelib.imports.import_run import MARGIN
from chalicelib.trades import bootstrap as trades_bootstrap
from infra import ROOT
from tests.fixtures.trades import posted, trade
from tests.fixtures.waiting import RetryClock

GATEWAY_SECONDS = 29


def conflicting(clock: RetryClock, end: float = 1e9) -> float:
    """Retry a write that conflicts until then; return when it ended."""

    def write() -> float:
        if clock.now < end:
            raise Contended
        return clock.now

    return retried(write)


def waits_of_a_writer(clock: RetryClock) -> list[float]:
    clock.now, clock.waits = 0.0, []
    with pytest.raises(Unavailable):
        conflicting(clock)
    return clock.waits


def test_a_write_is_retried_for_as_long_as_is_allowed(retry_clock: RetryClock) -> None:
    assert 15 <= conflicting(retry_clock, 15) < MOST_RETRYING
    waits_of_a_writer(retry_clock)
    assert MOST_RETRYING - LONGEST_WAIT <= retry_clock.now < MOST_RETRYING


def test_writers_that_conflict_at_once_do_not_retry_in_lock_step(retry_clock: RetryClock) -> None:
    writers = [waits_of_a_writer(retry_clock) for _ in range(50)]
    for number in range(8):
        limit = min(LONGEST_WAIT, FIRST_WAIT * 2**number)
        waits = sorted(waits[number] for waits in writers)
        assert 0 <= waits[0] < limit / 4
        assert limit * 3 / 4 < waits[-1] <= limit
        assert max(later - earlier for earlier, later in pairwise(waits)) < limit / 2


@pytest.mark.parametrize("seconds", [28, 12, 9])
def test_retries_end_while_there_is_time_for_a_last_call_and_the_answer(
    retry_clock: RetryClock, seconds: float
) -> None:
    with ending_within(seconds), pytest.raises(Unavailable, match="nothing is lost"):
        conflicting(retry_clock)
    assert seconds - LAST_CALL - LONGEST_WAIT <= retry_clock.now <= seconds - LAST_CALL


def test_a_call_that_might_end_too_late_is_not_begun(durable_tables: str, retry_clock: RetryClock) -> None:
    trades_bootstrap.book()
    with ending_within(API_SECONDS):
        retry_clock.now = API_SECONDS - LAST_CALL + 0.1
        with pytest.raises(Unavailable):
            trades_bootstrap.book().add([posted(trade())])
        with pytest.raises(Unavailable):
            trades_bootstrap.book().find("trade-1")
    assert trades_bootstrap.book().find("trade-1") is None


@pytest.mark.parametrize("error", [ConnectTimeoutError, ReadTimeoutError])
def test_the_sdk_repeats_no_call_after_the_deadline(
    durable_tables: str, retry_clock: RetryClock, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    sent: list[float] = []

    def hang(_: object, request: object) -> None:
        sent.append(retry_clock.now)
        retry_clock.now += 7
        raise error(endpoint_url="nowhere")  # type: ignore[call-arg]  # both have it

    trades_bootstrap.book()
    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", hang)
    with ending_within(API_SECONDS):
        retry_clock.now = 10
        with pytest.raises(Unavailable):
            trades_bootstrap.book().add([posted(trade())])
    assert sent == [10, 17]
    assert retry_clock.now < API_SECONDS


def test_the_limits_fit_into_each_other() -> None:
    one_call = _QUICK_TO_FAIL["connect_timeout_seconds"] + _QUICK_TO_FAIL["read_timeout_seconds"]
    assert one_call < LAST_CALL < API_SECONDS < GATEWAY_SECONDS
    assert MOST_RETRYING <= API_SECONDS - LAST_CALL
    assert MOST_RETRYING + one_call < MARGIN.total_seconds()
    stages = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"].values()
    assert {stage["lambda_timeout"] for stage in stages} == {API_SECONDS}
