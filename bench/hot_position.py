"""Posts on one position, simulated: the book's own retries on a clock that jumps from one event to the next.

DynamoDB cancels a transaction at once while another one holds one of its items. Posts arrive at random (Poisson) and
independently of the answers; a transaction holds the position, or a part of it, for a set time. The seed is fixed, so
that a table is the same on every machine.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from statistics import quantiles
from typing import Final
from unittest.mock import patch

from greenlet import getcurrent, greenlet
from pynamodb.exceptions import CancellationReason, TransactWriteError, VerboseClientError

from chalicelib.access.http import API_SECONDS
from chalicelib.aws.errors import Contended, retried
from chalicelib.common.deadline import ending_within
from chalicelib.common.delivery import Period
from chalicelib.common.errors import Unavailable
from chalicelib.positions.dynamodb import Parts
from chalicelib.positions.model import NO_CHANGE, PositionKey

SEED: Final = 2707
ROUND_TRIP: Final = 0.002
"""Seconds from the API to DynamoDB and back."""
POSITION: Final = PositionKey("trader_1", date(2026, 6, 15), Period(datetime(2026, 6, 15, 10, tzinfo=UTC), 60))
CONFLICT: Final = TransactWriteError(
    "cancelled",
    VerboseClientError({}, "TransactWriteItems", cancellation_reasons=[CancellationReason("TransactionConflict")]),
)
CLOCKS: Final = ("tenacity.time", "tenacity.nap.time", "chalicelib.common.deadline.time")


@dataclass(frozen=True, slots=True)
class Load:
    posts_a_second: int
    hold_ms: float
    seconds: int = 60

    def arrivals(self) -> Iterator[float]:
        dice, now = random.Random(SEED), 0.0  # noqa: S311 - repeatable dice, not secrets
        while (now := now + dice.expovariate(self.posts_a_second)) < self.seconds:
            yield now


@dataclass
class Outcome:
    """Seconds until each answer, and how many transactions were begun."""

    booked: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    attempts: int = 0

    @property
    def posts(self) -> int:
        return len(self.booked) + len(self.refused)

    @property
    def refused_percent(self) -> float:
        return 100 * len(self.refused) / self.posts

    @property
    def percentiles(self) -> tuple[float, float]:
        """The median, and the 99th percentile, of all answers."""
        cuts = quantiles(self.booked + self.refused, n=100)
        return cuts[49], cuts[98]


class Simulation:
    """Stands in for the module `time`; `sleep` hands over to the post that wakes first."""

    def __init__(self, hold: float) -> None:
        self.hold, self.now = hold, 0.0
        self.free_at: dict[str, float] = {}
        """By the key of a part of the position."""
        self.outcome = Outcome()
        self._waking: list[tuple[float, int, greenlet]] = []
        self._order = count()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self._wake(getcurrent(), self.now + seconds)
        self._loop.switch()

    def run(self, arrivals: Iterator[float]) -> Outcome:
        self._loop = getcurrent()
        for arrival in arrivals:
            self._wake(greenlet(self._post), arrival)
        while self._waking:
            self.now, _, post = heapq.heappop(self._waking)
            post.switch()
        return self.outcome

    def _wake(self, post: greenlet, at: float) -> None:
        heapq.heappush(self._waking, (at, next(self._order), post))

    def _post(self) -> None:
        begun = self.now
        with ending_within(API_SECONDS):
            try:
                retried(partial(self._transact, Parts()))
            except Unavailable:
                self.outcome.refused.append(self.now - begun)
            else:
                self.outcome.booked.append(self.now - begun)

    def _transact(self, parts: Parts) -> None:
        [move] = parts.moves({POSITION: NO_CHANGE})
        part = move["Key"]["trader_period"]["S"]
        self.outcome.attempts += 1
        self.sleep(ROUND_TRIP / 2)
        conflict = self.now < self.free_at.get(part, 0.0)
        if not conflict:
            self.free_at[part] = self.now + self.hold
            self.sleep(self.hold)
        self.sleep(ROUND_TRIP / 2)
        if conflict:
            with parts.spread_on_conflict():
                raise Contended from CONFLICT


def simulated(load: Load) -> Outcome:
    simulation = Simulation(load.hold_ms / 1000)
    random.seed(SEED)
    with ExitStack() as patches:
        for clock in CLOCKS:
            patches.enter_context(patch(clock, simulation))
        return simulation.run(load.arrivals())
