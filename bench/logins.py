"""Requests of one login while the gateway's 60 seconds end, and on a cold cache: how long the slowest ones take."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Final

from bench import book
from bench.clients import Client
from bench.pairs import Pace, Result, bounded, seconds, told
from bench.serving import Served
from chalicelib.access.authorizer import CACHED_SECONDS

CONNECTIONS: Final = 16
COLD_CONNECTIONS: Final = 100
TURNS: Final = 3
AROUND_SECONDS: Final = 0.5
MOST_MS: Final = 300.0
MOST_COLD_MS: Final = 3000.0


def measure(pace: Pace) -> list[Result]:
    """Any status but 200 ends the benchmark with an error."""
    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)), Served("ours", "ours") as ours:
        cold = [_p99_cold(ours.url)]
        turns = [_p99_of_a_turn(ours.url) for _ in range(pace.of(TURNS, 1))]
    return [
        _result(f"p99 where the cached policy ends, {CONNECTIONS} connections", MOST_MS, turns),
        _result(f"p99 on a cold cache, {COLD_CONNECTIONS} connections", MOST_COLD_MS, cold),
    ]


def _result(name: str, most: float, values: list[float]) -> Result:
    return bounded(name, "ms", most, values, f"at most {most:g} ms")


def _p99_of_a_turn(url: str) -> float:
    """Measure the requests that begin around the next turn. The gateway counts its periods on the monotonic clock."""
    turn = (time.monotonic() // CACHED_SECONDS + 1) * CACHED_SECONDS
    if turn - time.monotonic() < 2 * AROUND_SECONDS:
        turn += CACHED_SECONDS
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        clients = [pool.submit(_around, url, turn) for _ in range(CONNECTIONS)]
        return _p99([took for client in clients for took in client.result()])


def _around(url: str, turn: float) -> list[float]:
    client, taken = Client(url), []
    client.ask("GET", "/v1/me")
    time.sleep(max(0.0, turn - AROUND_SECONDS - time.monotonic()))
    while time.monotonic() < turn + AROUND_SECONDS:
        taken.append(seconds(partial(client.ask, "GET", "/v1/me")))
    client.close()
    return taken


def _p99_cold(url: str) -> float:
    barrier = Barrier(COLD_CONNECTIONS)

    def first() -> float:
        client = Client(url)
        barrier.wait(60)
        took = seconds(partial(client.ask, "GET", "/v1/me"))
        client.close()
        return took

    with ThreadPoolExecutor(COLD_CONNECTIONS) as pool:
        return _p99([call.result() for call in [pool.submit(first) for _ in range(COLD_CONNECTIONS)]])


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)] * 1000


if __name__ == "__main__":
    told(measure)
