"""Requests of different logins at once: each gets its own answer and nobody else's."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from wsgiref.types import WSGIApplication

from chalicelib.access import bootstrap as access_bootstrap
from chalicelib.access.identity import Role
from chalicelib.access.service import add_demo_user
from tests.fixtures.api_client import Client
from tests.fixtures.trades import fields

THREADS = 8
ROUNDS = 12


def test_eight_traders_at_once_each_see_only_their_own(gateway: WSGIApplication) -> None:
    names = [f"bot-{n}" for n in range(THREADS)]
    for name in names:
        add_demo_user(name, Role.TRADER, name, access_bootstrap.directory(), access_bootstrap.passwords())
    start = Barrier(THREADS)

    def trade_and_look(name: str) -> list[str]:
        client = Client(gateway).logged_in(name, f"{name}-demo")
        start.wait()
        return [odd for number in range(ROUNDS) for odd in one_round(client, name, number)]

    with ThreadPoolExecutor(THREADS) as pool:
        assert [odd for found in pool.map(trade_and_look, names) for odd in found] == []


def one_round(client: Client, name: str, number: int) -> list[str]:
    """Books a trade and asks in every way there is; gives what was not this trader's own answer."""
    mine = fields(id=f"{name}/{number}", trader_id=name, price=number, delivery_hour=number % 24)
    booked = client.post(mine)
    shown = client.trade(mine["id"])
    broken = client.post(mine | {"quantity": f"of {name}, round {number}"})
    listed = client.get("/v1/trades", limit=100)
    report = client.get("/v1/reports/pnl", start_day="2023-02-28")
    found = {
        "booked": (booked.status, booked.json) == (200, {"outcome": "booked", "trade": mine}),
        "shown": (shown.status, shown.json) == (200, mine),
        "broken": broken.status == 400 and f"of {name}, round {number}" in broken.problems["quantity"],
        "listed": {held["trader_id"] for held in listed.json} == {name} and len(listed.json) == number + 1,
        "report": (report.json["trader_id"], report.json["total"]["trades"]) == (name, number + 1),
    }
    return [json.dumps([name, number, what]) for what, own in found.items() if not own]


def test_logins_tried_at_once_are_never_mixed_up(gateway: WSGIApplication) -> None:
    good = Client(gateway).logged_in("desk", "desk-demo")
    bad = [Client(gateway, source=f"192.0.2.{n}").logged_in("desk", "wrong-demo") for n in range(16)]
    attempts = [pair for one in bad for pair in ((good, 200), (one, 401), (Client(gateway), 401))]

    def attempt(pair: tuple[Client, int]) -> bool:
        client, status = pair
        return client.get("/v1/trades", delivery_day="2020-01-01").status == status

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(attempt, attempts))
