"""Eight clients post at once, one trade in ten twice: none lost, none doubled, also when the server dies midway."""

from __future__ import annotations

import threading

import pytest

from tests.fixtures.many_clients import CLIENTS, Where, assert_all_there_once, post_all, posts
from tests.infra.running import Home, Stack

pytestmark = pytest.mark.slow

TRADES = 2_000


def test_eight_clients_at_once_lose_and_double_nothing(stack: Stack) -> None:
    outcomes = post_all(iter(posts("2024-05-06", TRADES)), Where(stack.url))
    assert outcomes == {"booked": TRADES, "already_there": TRADES // 10}
    assert_all_there_once("2024-05-06", TRADES, stack)


def test_a_server_killed_and_restarted_midway_loses_and_doubles_nothing(stack: Stack, home: Home) -> None:
    where, once = Where(stack.url), threading.Lock()

    def kill_midway(answered: int) -> None:
        if answered >= TRADES // 2 and once.acquire(blocking=False):
            stack.crash()
            where.url = home.stack().url

    outcomes = post_all(iter(posts("2024-05-07", TRADES)), where, kill_midway)
    assert home.stack() is not stack
    assert outcomes.total() == TRADES + TRADES // 10
    # A write that was made and never answered is answered as already there the next time.
    assert 0 <= TRADES - outcomes["booked"] <= CLIENTS
    assert_all_there_once("2024-05-07", TRADES, home.stack())
