"""Clients that post at once, each as a careful bot does, and what the book must hold afterwards."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import requests

from chalicelib.common.units import eur
from chalicelib.trades.model import Trade, parse_trade
from tests.infra.running import ADMIN, PATIENCE
from tests.trades import fields, totals_of

CLIENTS = 8

Heard = Callable[[int], None]
"""Told how many posts have been answered so far."""
Refused = Callable[[requests.Response], None]
"""Told of each 503."""


class Reader(Protocol):
    """Whoever can be asked for JSON over HTTP."""

    def get(self, path: str, **query: str) -> Any: ...


class Where:
    """Where the server is at the moment; it moves when it is started again."""

    def __init__(self, url: str) -> None:
        self.url = url


def posts(day: str, count: int) -> list[dict[str, Any]]:
    """So many trades of three traders on one day, and after every tenth the same again."""
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
        for number in range(count)
    ]
    return [post for number, one in enumerate(trades) for post in ([one, one] if number % 10 == 0 else [one])]


def post_until_answered(where: Where, post: dict[str, Any], session: requests.Session, refused: Refused) -> str:
    """Post as a careful bot does: again until there is an answer, and nothing but an answer counts."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = session.post(f"{where.url}/v1/trades", json=post, auth=ADMIN, timeout=20)
        except requests.RequestException:
            time.sleep(0.05)
            continue
        if answer.status_code != 503:
            assert answer.status_code == 200, answer.text
            return str(answer.json()["outcome"])
        refused(answer)
    message = "no answer in time"
    raise AssertionError(message)


def post_all(
    waiting: Iterator[dict[str, Any]], where: Where, heard: Heard = lambda _: None, refused: Refused = lambda _: None
) -> Counter[str]:
    """Share the posts among the clients; gives how often each outcome was answered."""
    lock, outcomes = threading.Lock(), Counter[str]()

    def client(_: int) -> None:
        with requests.Session() as session:
            while True:
                with lock:
                    post = next(waiting, None)
                if post is None:
                    return
                outcome = post_until_answered(where, post, session, refused)
                with lock:
                    outcomes[outcome] += 1
                    answered = outcomes.total()
                heard(answered)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))
    return outcomes


def assert_all_there_once(day: str, count: int, reader: Reader) -> None:
    expected = {post["id"]: parse_trade(post) for post in posts(day, count)}
    found: list[Trade] = [parse_trade(one) for one in reader.get("/v1/trades", delivery_day=day)]
    assert len(found) == len({one.id for one in found}) == count
    assert {one.id: one for one in found} == expected
    assert_positions(day, reader, found)


def assert_positions(day: str, reader: Reader, trades: list[Trade]) -> None:
    """Every line of every trader's report is the sum of that trader's trades in that hour."""
    for trader_id in {one.trader_id for one in trades}:
        report = reader.get("/v1/reports/pnl", trader_id=trader_id, start_day=day, end_day=day)
        for line in report["days"][0]["periods"]:
            hour = [one for one in trades if one.trader_id == trader_id and one.delivery_hour == int(line["label"][:2])]
            totals = totals_of(hour)
            assert (line["trades"], line["pnl_eur"]) == (totals.trades, eur(totals.pnl))
