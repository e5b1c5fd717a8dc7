"""What may go wrong between two calls of a run, and the ports that let it happen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from chalicelib.common.clock import Clock
from chalicelib.common.errors import Unavailable
from chalicelib.feeds.feed import Feed
from chalicelib.notices.model import Notice
from tests.fakes.feeds import FakeReceipts
from tests.fakes.notices import FakeOutbox
from tests.simulation.world import Heard, World


class Fault(StrEnum):
    """Each is counted where it happened."""

    KILL_BEFORE = "killed before a call"
    KILL_AFTER = "killed after a call"
    THROTTLE = "throttled"
    LOST_REPLY = "reply lost"
    CLOCK_MOVED = "clock moved"
    SLOW = "slow between two calls"
    SLOW_LEASE = "slower than its lease"
    OUT_OF_TIME = "out of time"
    SKEWED = "own clock wrong"
    SNS_DOWN = "SNS down"
    DUPLICATE = "event doubled"
    LATE_EVENT = "event stale"
    LOST_EVENT = "event lost"
    REORDERED = "events reordered"
    AT_ONCE = "runs at once"
    DST_NIGHT = "clocks changed"


OF_A_CALL: Final = (
    Fault.KILL_BEFORE,
    Fault.KILL_AFTER,
    Fault.THROTTLE,
    Fault.LOST_REPLY,
    Fault.CLOCK_MOVED,
    Fault.SLOW,
)
LONGEST_PAUSE: Final = 400
"""Seconds: three leases."""


class Killed(BaseException):
    """The process is gone; no `except Exception` may survive it."""


class Run:
    """One process at work: every call it makes goes through `step`, where it may meet a fault or let others go on."""

    __slots__ = ("claimed", "dead", "name", "pause", "skew", "told", "world")

    def __init__(
        self, world: World, name: str, skew: timedelta = timedelta(), pause: Callable[[], None] | None = None
    ) -> None:
        self.world, self.name, self.skew, self.pause = world, name, skew, pause
        self.dead = False
        self.told: Heard | None = None
        """What was published and not noted as sent yet: to fail here is to say it again later."""
        self.claimed: Heard | None = None
        """What it took the right to send, last."""

    def step(self, method: Callable[..., Any], *args: Any) -> Any:
        """Make one call."""
        return self.take(method, args, {})

    def take(self, method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make one call, whose arguments are packed already."""
        if self.dead:
            raise Killed
        world = self.world
        world.calls += 1
        chance = world.random()
        if chance < world.trouble:
            return self._meet(world.choice(OF_A_CALL), method, args, kwargs)
        if self.pause is not None and chance < world.switching:
            self.pause()
            if self.dead:
                raise Killed
        return method(*args, **kwargs)

    def now(self) -> datetime:
        """The time as this machine has it."""
        return self.world.now + self.skew

    def die(self) -> None:
        """Make no call any more."""
        self.dead = True
        self.doubt()

    def doubt(self) -> None:
        """Note that nobody will ever know whether the desk heard of it."""
        if self.told is not None:
            self.world.doubts[self.told] += 1
            self.told = None

    def _meet(self, fault: Fault, method: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        world = self.world
        world.faults[fault] += 1
        if fault is Fault.KILL_BEFORE:
            self.die()
            raise Killed
        if fault is Fault.THROTTLE:
            self.doubt()
            raise Unavailable("injected: refused for load")
        if fault is Fault.CLOCK_MOVED:
            world.now += timedelta(seconds=world.below(2 * LONGEST_PAUSE) - LONGEST_PAUSE)
        elif fault is Fault.SLOW:
            self._linger()
        answer = method(*args, **kwargs)
        if fault is Fault.KILL_AFTER:
            self.die()
            raise Killed
        if fault is Fault.LOST_REPLY:
            self.doubt()
            raise Unavailable("injected: the reply is lost")
        return answer

    def _linger(self) -> None:
        world = self.world
        seconds = world.below(LONGEST_PAUSE)
        world.now += timedelta(seconds=seconds)
        if self.pause is not None:
            if seconds > 120:
                world.faults[Fault.SLOW_LEASE] += 1
            self.pause()
            if self.dead:
                raise Killed


class OwnClock(Clock):
    """The clock of the machine of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def now(self) -> datetime:
        return self._run.now()


def _through(name: str) -> Callable[..., Any]:
    def call(self: Port, *args: Any, **kwargs: Any) -> Any:
        return self.run.take(getattr(self.real, name), args, kwargs)

    return call


class Port:
    """A port of one run: every public method of the real thing, each a step."""

    def __init__(self, real: Any, run: Run) -> None:
        self.real, self.run = real, run


def port_of(kind: type) -> type[Port]:
    """Make the class that stands before a port."""
    names = [name for name in vars(kind) if not name.startswith("_")]
    ways = {name: _through(name) for name in names} | ({"of": _of_feed} if kind is FakeReceipts else {})
    return type(f"Faulty{kind.__name__}", (Port,), ways)


def _of_feed(port: Port, feed: Feed) -> Port:
    return type(port)(port.real.of(feed), port.run)


class Topic:
    """The desk's ear: what is heard is counted."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def has_receiver(self) -> bool:
        return True

    def publish(self, subject: str, body: str) -> None:
        self._run.step(self._publish, subject, body)

    def _publish(self, subject: str, body: str) -> None:
        run = self._run
        if run.world.topic_down:
            run.world.faults[Fault.SNS_DOWN] += 1
            raise Unavailable("injected: SNS is down")
        run.world.hear((subject, body))
        run.told = (subject, body)


class OutboxPort:
    """The outbox of one run, which knows between which two calls a notice may be told again."""

    def __init__(self, run: Run, real: FakeOutbox | None = None) -> None:
        self._run, self._real = run, real or run.world.outbox

    def of_feed(self, feed: str) -> OutboxPort:
        return OutboxPort(self._run, self._real.of_feed(feed))

    def of(self, file_days: Collection[Any]) -> Sequence[Notice]:
        found: Sequence[Notice] = self._run.step(self._real.of, file_days)
        return found

    def claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        claimed: bool = self._run.step(self._claim, notice, owner, now, until)
        return claimed

    def sent(self, notice: Notice, at: datetime) -> None:
        self._run.step(self._sent, notice, at)

    def _claim(self, notice: Notice, owner: str, now: datetime, until: datetime) -> bool:
        claimed = self._real.claim(notice, owner, now, until)
        if claimed:
            said = (notice.subject, notice.body)
            self._run.world.take_over(said, self._run)
            self._run.claimed = said
        return claimed

    def _sent(self, notice: Notice, at: datetime) -> None:
        self._real.sent(notice, at)
        self._run.told = self._run.claimed = None
