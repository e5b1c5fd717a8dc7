"""Eight clients post at once, one trade in ten twice: none lost, none doubled, also when the server dies midway."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from chalicelib.domain.amounts import eur
from chalicelib.domain.trade import Trade, parse_trade
from tests.infra.running import ADMIN, PATIENCE, Home, Stack
from tests.trades import fields, totals_of

CLIENTS, TRADES = 8, 2_000


def posts(day: str) -> list[dict[str, Any]]:
    """2 000 trades of three traders on one day, and after every tenth the same again."""
    trades = [
        fields(
            id=f"many-{day}-{number}",
            price=(number * 37) % 9_000 - 1_000,
            quantity=1 + number % 7,
            direction=("buy", "sell")[number % 2],
            delivery_day=day,
            delivery_hour=number % 24,
            trader_id=f"trader_{number % 3}",
            execution_time="2024-05-05T10:00:00Z",
        )
        for number in range(TRADES)
    ]
    return [post for number, one in enumerate(trades) for post in ([one, one] if number % 10 == 0 else [one])]


class Where:
    """Where the server is at the moment; it moves when it is started again."""

    def __init__(self, url: str) -> None:
        self.url = url


def post_until_answered(where: Where, post: dict[str, Any], session: requests.Session) -> str:
    """Post as a careful bot does: again until there is an answer, and nothing but an answer counts."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = session.post(f"{where.url}/v1/trades", json=post, auth=ADMIN, timeout=10)
        except requests.RequestException:
            time.sleep(0.05)
            continue
        if answer.status_code != 503:
            assert answer.status_code == 200, answer.text
            return str(answer.json()["outcome"])
    message = "no answer in time"
    raise AssertionError(message)


def post_all(day: str, where: Where, on_progress: Callable[[int], None] = lambda _: None) -> Counter[str]:
    """Share the day's posts among the clients; gives how often each outcome was answered."""
    waiting: Iterator[dict[str, Any]] = iter(posts(day))
    lock, outcomes = threading.Lock(), Counter[str]()

    def client(_: int) -> None:
        with requests.Session() as session:
            while True:
                with lock:
                    post = next(waiting, None)
                if post is None:
                    return
                outcome = post_until_answered(where, post, session)
                with lock:
                    outcomes[outcome] += 1
                    answered = outcomes.total()
                on_progress(answered)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return outcomes


def assert_all_there_once(day: str, stack: Stack) -> None:
    expected = {post["id"]: parse_trade(post) for post in posts(day)}
    found: list[Trade] = [parse_trade(one) for one in stack.get("/v1/trades", delivery_day=day)]
    assert len(found) == len({one.id for one in found}) == TRADES
    assert {one.id: one for one in found} == expected
    assert_positions(day, stack, found)


def assert_positions(day: str, stack: Stack, trades: list[Trade]) -> None:
    """Every line of every trader's report is the sum of that trader's trades in that hour."""
    for trader_id in {one.trader_id for one in trades}:
        report = stack.get("/v1/reports/pnl", trader_id=trader_id, start_day=day, end_day=day)
        for line in report["days"][0]["periods"]:
            hour = [one for one in trades if one.trader_id == trader_id and one.delivery_hour == int(line["label"][:2])]
            totals = totals_of(hour)
            assert (line["trades"], line["pnl_eur"]) == (totals.trades, eur(totals.pnl))


def test_eight_clients_at_once_lose_and_double_nothing(stack: Stack) -> None:
    outcomes = post_all("2024-05-06", Where(stack.url))
    assert outcomes == {"booked": TRADES, "already_there": TRADES // 10}
    assert_all_there_once("2024-05-06", stack)


def test_a_server_that_is_killed_and_started_again_midway_loses_and_doubles_nothing(stack: Stack, home: Home) -> None:
    where, once = Where(stack.url), threading.Lock()

    def kill_midway(answered: int) -> None:
        if answered >= TRADES // 2 and once.acquire(blocking=False):
            stack.crash()
            where.url = home.stack().url

    outcomes = post_all("2024-05-07", where, kill_midway)
    assert home.stack() is not stack
    assert outcomes.total() == TRADES + TRADES // 10
    # A write that was made and never answered is answered as already there the next time.
    assert 0 <= TRADES - outcomes["booked"] <= CLIENTS
    assert_all_there_once("2024-05-07", home.stack())
