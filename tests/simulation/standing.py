"""What must stand of the trades of which one file alone speaks, counted from what was said and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES
from chalicelib.trades.model import Trade
from chalicelib.trades.side import name_and_side, venue_and_id
from tests.simulation.delivered import executed_on
from tests.simulation.receipts import by_number
from tests.simulation.sides import Id, Key, at_exchange, id_of, is_about, key_of, turned
from tests.simulation.statements import completed
from tests.simulation.venues import NOT_COUNTED
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.delivered import Delivered
    from tests.simulation.model import Said
    from tests.simulation.world import World


@dataclass(slots=True)
class Standing:
    """What must stand: the sides, and those that nobody can be sure of since their withdrawal was broken off."""

    trades: dict[Key, Trade] = field(default_factory=dict)
    withdrawn: dict[Key, Trade] = field(default_factory=dict)
    unsure: set[Key] = field(default_factory=set)
    sides: dict[Id, set[Key]] = field(default_factory=dict)

    def side(self, key: Key) -> Key:
        """Return the side that a row speaks of: its own, or the only one."""
        sides = self.sides.get(id_of(key), set())
        return next(iter(sides)) if len(sides) == 1 else key

    def post(self, trade: Trade) -> None:
        """Count a posted trade."""
        self.sides.setdefault(id_of(key_of(trade)), set()).add(key_of(trade))
        self.trades[key_of(trade)] = trade

    def book(self, key: Key, file: Delivered) -> None:
        """Count a row of a file."""
        _, trade = file.good[key]
        sides = self.sides.setdefault(id_of(key), set())
        if file.turns and sides == {turned(key)} and not file.self_traded(id_of(key)):
            self.trades.pop(turned(key), None)
            self.withdrawn.pop(turned(key), None)
            self.unsure.discard(turned(key))
            sides.clear()
        sides.add(key)
        self.trades[key] = self._after(key, trade, file)
        self.withdrawn.pop(key, None)
        self.unsure.discard(key)

    def _after(self, key: Key, trade: Trade, file: Delivered) -> Trade:
        before = self.trades.get(key) or self.withdrawn.get(key)
        if before is None:
            return trade
        number, known = trade.venue_revision, before.venue_revision
        if number is not None and known is not None and number < known:
            return before
        after = completed(trade, before, about_state=key in file.about_state)
        which_hour_alone = after == before._replace(hour_only=after.hour_only)
        return before if which_hour_alone else after  # which is there already


def standing(said: Said, world: World) -> Standing:
    """Count the versions that were booked, the posts that were answered and the confirmations."""
    found, both = Standing(), loose(said)
    for trade in said.booked.values():
        found.post(trade)
    for file in sorted(said.files):
        _fold(file, found, both, said, world)
    found.trades = {key: trade for key, trade in found.trades.items() if id_of(key) not in both}
    return found


def loose(said: Said) -> set[Id]:
    """Return the trades of which the newest word depends on the order in which it was said."""
    stated = {id_of(key) for key in said.statements.stated}
    return crossed(said) | stated | {venue_and_id(name_and_side(side)[0]) for side in said.by_hand}


def crossed(said: Said) -> set[Id]:
    """Return the trades of which several files speak, or one file or post of another day of execution."""
    seen: dict[Id, FileDay] = {}
    found: set[Id] = set()
    for file, contents in said.files.items():
        for content in contents:
            for key in content.named | content.good.keys():
                one = id_of(key)
                foreign = key in content.good and executed_on(content.good[key][1]) != file.day
                if seen.setdefault(one, file) != file or foreign:
                    found.add(one)
    for name, trades in said.posts.items():
        one = at_exchange(name)
        if one in seen and any(executed_on(trade) != seen[one].day for trade in trades):
            found.add(one)
    return found


def _fold(file: FileDay, held: Standing, both: set[Id], said: Said, world: World) -> None:
    """Follow the versions of one file, but for the trades (`both`) of which other files may speak."""
    before: Delivered | None = None
    pending: set[Key] = set()
    seen: set[Key] = set()
    flips: set[Key] = set()
    confirmed = False
    receipts = by_number(file, world)
    for number in sorted(receipts):
        receipt = receipts[number]
        if receipt.state not in BOOKED_STATES:
            continue
        content = said.content_of(receipt)
        unsure = set(held.unsure)
        for key in content.good:
            if id_of(key) not in both:
                held.book(key, content)
        # A bad row leaves the side that another row booked, and confirms no posted one beside it.
        alone = {id_of(key) for key in seen if len(held.sides.get(id_of(key), ())) < 2}
        left = {key for key in before.named if key in seen or id_of(key) in alone} if before else set()
        rows = {*before.good, *left} if before else set()
        flipped = {turned(key) for key in content.good if not content.turns}
        flips = flipped | (set() if confirmed else flips)  # which a later version with bad rows leaves as they were
        lacking = {
            held.side(key) for key in rows | flipped | (set() if confirmed else pending) if id_of(key) not in both
        }
        pending = {
            key
            for key in lacking
            if key in held.trades
            and held.trades[key].state not in NOT_COUNTED
            and not is_about(content.named, key, len(held.sides.get(id_of(key), ())) if content.turns else 2)
        }
        named = seen | (before.named if before else set())
        sure = not pending & unsure and all(key in content.named for key in named | flips if id_of(key) in both)
        seen |= content.good.keys()
        must(
            not sure or receipt.withdrawn == len(pending),
            "{0.file} version {0.version} withdraws {0.withdrawn} of {1}",
            receipt,
            pending,
        )
        confirmed = receipt.confirmed_at is not None
        if confirmed:
            must((file, number) in said.confirming, "nobody confirmed version {} of {}", number, file)
            for one in pending:
                held.withdrawn[one] = held.trades.pop(one)
            held.unsure -= pending
        elif (file, number) in said.confirming:
            held.unsure |= pending
        before = content
