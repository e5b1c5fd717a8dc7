"""Posts on one position: simulated for DynamoDB's conflicts, and measured through a proxy that makes conflicts.

Prints the table of docs/reference/scale.md.
"""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import book
from bench.clients import trade
from bench.hot_position import Load, Outcome, simulated
from bench.pairs import TO_COMPARE, Pace, Result, at_least, judged, told
from chalicelib.access.http import API_SECONDS
from chalicelib.access.identity import Identity, Role
from chalicelib.common import clock as common_clock
from chalicelib.common.deadline import ending_within
from chalicelib.common.errors import Unavailable
from chalicelib.trades import bootstrap as trades_bootstrap
from chalicelib.trades.model import parse_trade
from chalicelib.trades.service import book_trade
from tests.fixtures.conflicts import COUNTS, conflicting

SIMULATED: Final = tuple(Load(posts, hold) for hold in (5, 10) for posts in (20, 50, 100))
MEASURED: Final = tuple(Load(posts, hold, seconds=20) for hold in (5, 10) for posts in (20, 50))
"""What one machine with two cores can do."""
FAST: Final = (Load(20, 5, seconds=2),)
SERVED_WITHOUT_REFUSALS: Final = 50
"""Posts a second."""
THREADS: Final = 100
ADMIN: Final = Identity("bench", Role.ADMIN)


def measure(pace: Pace) -> list[Result]:
    calculated = {load: simulated(load) for load in (FAST if pace.fast else SIMULATED)}
    print(f"Simulated:\n\n{table(calculated)}\n")
    posted = {load: measured(load) for load in (FAST if pace.fast else MEASURED)}
    print(f"Through the proxy:\n\n{table(posted)}\n")
    return [answered(*one) for one in calculated.items()] + [beside_the_simulation(*one) for one in posted.items()]


def table(outcomes: dict[Load, Outcome]) -> str:
    """Return the outcomes as a Markdown table."""
    heads = [
        "a transaction takes",
        "posts a second",
        "answered 503",
        "median",
        "99th percentile",
        "attempts a post",
    ]
    lines = [
        [
            f"{load.hold_ms:g} ms",
            f"{load.posts_a_second}",
            f"{outcome.refused_percent:.1f} %",
            *(shown(seconds) for seconds in outcome.percentiles),
            f"{outcome.attempts / outcome.posts:.1f}",
        ]
        for load, outcome in outcomes.items()
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in [heads, ["---"] * len(heads), *lines])


def shown(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def answered(load: Load, outcome: Outcome) -> Result:
    booked = 100 - outcome.refused_percent
    target = at_least(1) if load.posts_a_second <= SERVED_WITHOUT_REFUSALS else TO_COMPARE
    return judged(f"booked of {described(load)}, simulated", "all", "%", target, [(100, booked)])


def beside_the_simulation(load: Load, outcome: Outcome) -> Result:
    pairs = [(1000 * simulated(load).percentiles[0], 1000 * outcome.percentiles[0])]
    name = f"median of {described(load)}, through the proxy"
    return judged(name, "the simulation", "ms", TO_COMPARE, pairs)


def described(load: Load) -> str:
    return f"{load.posts_a_second} posts a second, {load.hold_ms:g} ms each"


def measured(load: Load) -> Outcome:
    """Post at the times of the simulation, each post in a thread of its own as each has a Lambda on AWS."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        engine = stack.enter_context(book.engine(Path(folder)))
        proxy = stack.enter_context(conflicting(engine.url, load.hold_ms, Path(folder) / "proxy.log"))
        book.point_at(proxy.url)
        book.use(book.STAGE)
        trades_bootstrap.book()
        outcome, begun = Outcome(), time.monotonic()
        with ThreadPoolExecutor(THREADS) as pool:
            posting = []
            for number, arrival in enumerate(load.arrivals()):
                time.sleep(max(0.0, begun + arrival - time.monotonic()))
                posting.append(pool.submit(post, number, begun + arrival, outcome))
        for posted in posting:
            posted.result()
        counts = proxy.get(COUNTS)
        outcome.attempts = counts["passed"] + counts.get("cancelled", 0)
        return outcome


def post(number: int, due: float, outcome: Outcome) -> None:
    posted = parse_trade(trade(number) | {"delivery_hour": 12, "trader_id": "trader_1"})
    answers = outcome.booked
    with ending_within(API_SECONDS):
        try:
            book_trade(posted, ADMIN, trades_bootstrap.book(), common_clock.clock())
        except Unavailable:
            answers = outcome.refused
    answers.append(time.monotonic() - due)


if __name__ == "__main__":
    told(measure)
