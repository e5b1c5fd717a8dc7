"""Files on their way: put into the bucket, with events that come late, twice or never."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.imports.polling import arrived
from tests.simulation.ended import BROKEN_OFF, no_error
from tests.simulation.faults import Fault
from tests.simulation.runs import Task, import_context_of

if TYPE_CHECKING:
    from datetime import date

    from chalicelib.feeds.file_day import FileDay
    from tests.simulation.delivered import Delivered
    from tests.simulation.model import Said
    from tests.simulation.plan import Plan
    from tests.simulation.world import World

TRIES: Final = 3
LONGEST: Final = 7
"""Days of a history that polls go back."""


class Sender(Protocol):
    def write(self, day: date) -> Delivered:
        """Write a version of a day's file."""


class Couriers:
    """`old` is a file that no poll looks for by itself."""

    def __init__(self, world: World, plan: Plan, said: Said, senders: Mapping[str, Sender], old: FileDay) -> None:
        self.world, self.plan, self.said, self.senders, self.old = world, plan, said, senders, old

    def put(self, file: FileDay) -> None:
        """Let the sender of its feed write a version of a file, and send it."""
        world = self.world
        content = self.senders[file.feed].write(file.day)
        self.said.deliver(content)
        key = world.new_key(file)
        world.put(key, content.content)
        name = self.plan.name("event")
        delay = world.below(180)
        if world.likely(0.1) and self._is_polled(file):
            world.faults[Fault.LOST_EVENT] += 1
            return
        if world.likely(0.15):
            world.faults[Fault.LATE_EVENT] += 1
            delay += 60 * world.below(600)
        self.plan.after(delay, lambda: self._arrive(file, key, name))
        if world.likely(0.1):
            world.faults[Fault.DUPLICATE] += 1
            self.plan.after(delay + world.below(3), lambda: self._arrive(file, key, name))
        if delay > 120 and len(self.said.files[file]) > 1:
            world.faults[Fault.REORDERED] += 1

    def _is_polled(self, file: FileDay) -> bool:
        """Check whether polls look for it until the end."""
        return file != self.old and self.world.feed_of(file.feed).look_back >= LONGEST

    def _arrive(self, file: FileDay, key: str, name: str, tries: int = TRIES) -> Task:
        def ended(outcome: object) -> None:
            if isinstance(outcome, BROKEN_OFF):
                if tries or not self._is_polled(file):
                    delay = 60 + self.world.below(120)
                    self.plan.after(delay, lambda: self._arrive(file, key, name, tries - 1))
            else:
                no_error(outcome)

        return Task(self.plan.name(name), lambda run: arrived(key, import_context_of(run)), ended)
