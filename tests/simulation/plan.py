"""What is to happen when: acts in the order of their times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from tests.simulation.berlin import at
from tests.simulation.runs import alone, at_once

if TYPE_CHECKING:
    from tests.simulation.runs import Task
    from tests.simulation.world import World

Act = Callable[[], "Task | None"]


class Plan:
    """The acts to come of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order, self._names = count(), count()
        self.before: Callable[[datetime], None] = lambda _: None
        """Called with the time of an act before it is carried out."""

    def name(self, what: str) -> str:
        """Return a name that no run had before."""
        return f"{what} {next(self._names)}"

    def at(self, day: date, minutes: int, act: Act) -> None:
        """Plan an act so many minutes after midnight."""
        self.at_time(at(day, minutes), act)

    def at_time(self, when: datetime, act: Act) -> None:
        heappush(self._acts, (when, next(self._order), act))

    def after(self, seconds: int, act: Act) -> None:
        self.at_time(self._world.now + timedelta(seconds=seconds), act)

    def carry_out(self, end: datetime, check: Callable[[], None]) -> None:
        """Carry out all acts until then, some at once, with a check after each."""
        world = self._world
        while self._acts and self._acts[0][0] <= end:
            when, _, act = heappop(self._acts)
            self.before(when)
            world.now = max(world.now, when)
            task = act()
            if task is None:
                continue
            others: list[Task] = []
            while self._acts and world.likely(0.3) and len(others) < 2 and world.trouble:
                other = heappop(self._acts)[2]()
                if other is not None:
                    others.append(other)
            if others and all(one.name != "read" for one in (task, *others)):
                at_once(world, [task, *others])
                check()
                continue
            for one in (task, *others):
                alone(world, one)
                check()
