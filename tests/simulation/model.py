"""The simple model: what the book must hold once all is quiet, reckoned from what was said and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from chalicelib.admin.integrity_check import BookStores, verify
from chalicelib.common.timestamps import instant
from chalicelib.feeds.file_change import ChangeKind, FileChange
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.imports.import_run import AFTER_THE_RUN
from chalicelib.imports.unconfirmed import under_other_ids
from chalicelib.notices.model import Kind, Notice
from chalicelib.positions.model import VENUE
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import FromFile, Posted, Revision
from chalicelib.trades.rules import Outcome
from chalicelib.trades.side import name_and_side
from tests.fakes.admin import FakeLedger
from tests.simulation.berlin import eight, midnight
from tests.simulation.exchange import executed_on
from tests.simulation.rules import (
    check_dropped_rows,
    check_held_rows,
    check_withdrawal,
    clashes,
    crossed,
    fewer,
    in_the_book,
    leads,
    must_hold,
)
from tests.simulation.sides import Key, Words, is_about, key_of, met, sides_of, turned
from tests.simulation.statements import Statements, completed
from tests.simulation.sums import check_positions
from tests.simulation.venues import NOT_COUNTED
from tests.simulation.world import Broken, must

if TYPE_CHECKING:
    from tests.simulation.exchange import Delivered
    from tests.simulation.world import World

TWICE = 2
"""The hour that comes twice where the clocks go back."""
Place = tuple[date, int, int]
"""File day, version and line of a row."""
ENDED = {*BOOKED_STATES, FileState.REJECTED, FileState.WAITING, FileState.HELD}
WHICH = "the receipt of {0.file_day} version {0.version}"
WRONG_CLOCKS = timedelta(minutes=20)
"""By how much the clocks of two runs may differ."""


@dataclass(slots=True)
class Said:
    """Everything that was said to the book: files in the order they were put, posts, and what was confirmed."""

    statements: Statements
    files: dict[date, list[Delivered]] = field(default_factory=dict)
    by_content: dict[tuple[date, str], Delivered] = field(default_factory=dict)
    posts: dict[str, list[Trade]] = field(default_factory=dict)
    booked: dict[str, Trade] = field(default_factory=dict)
    """What a client was first told is booked."""
    refused: list[Trade] = field(default_factory=list)
    """What a client was told conflicts with what is booked."""
    confirming: set[tuple[date, int]] = field(default_factory=set)
    """Versions whose withdrawals somebody confirmed, or began to."""
    by_hand: set[str] = field(default_factory=set)
    """Trades that somebody took out one by one, or began to; some were put back."""

    def deliver(self, file: Delivered) -> None:
        """Note a version that the exchange put."""
        self.files.setdefault(file.day, []).append(file)
        self.by_content[file.day, file.sha256] = file

    def content_of(self, receipt: Receipt) -> Delivered:
        """Give the version that a receipt is about."""
        file = self.by_content.get((receipt.file_day, receipt.sha256))
        if file is None:
            raise Broken(f"a receipt of {receipt.file_day} is about a file that nobody put")
        return file


def check_words(words: Sequence[Revision], said: Said, world: World) -> None:
    """Every word on a side was said by somebody, in an order that may be."""
    name, trade_id = words[0].side_id, words[0].trade.id
    sides = sides_of(trade_id, world.book.words)
    must(len({side[-1].trade.direction for side in sides}) == len(sides), "{} has two sides of one direction", trade_id)
    for number, word in enumerate(words, 1):
        must(word.number == number, "word {} on {} bears the number {}", number, name, word.number)
        must((word.side_id, word.trade.id) == (name, trade_id), "{} stands on {}", word, name)
        before = words[number - 2] if number > 1 else None
        if isinstance(word.source, Posted):
            by_hand = word.withdrawn_by_hand is not None
            must(not by_hand or name in said.by_hand, "nobody took out {}", name)
            back = number > 2 and words[number - 2].withdrawn and word.trade == words[number - 3].trade
            _check_said(word, before, back or word.withdrawn, said)
        else:
            _check_row(word, word.source, before, said, world)
    if words[-1].withdrawn and words[-1].withdrawn_by_hand is None:
        check_withdrawal(words, said, world)


def _check_said(word: Revision, before: Revision | None, as_before: bool, said: Said) -> None:
    """What is posted is new, changes nothing, or says what a statement may say of the word before."""
    if before is not None and as_before:
        must(word.trade == before.trade, "{} turned into {} as it was taken out or put back", before, word)
        return
    posted = before is None and word.side == 1 and word.trade in said.posts.get(word.trade.id, ())
    must(posted or said.statements.explains(word, before), "nobody stated {} after {}", word, before)


def _check_row(word: Revision, source: FromFile, before: Revision | None, said: Said, world: World) -> None:
    """A row of a file says what it says, and may."""
    file = said.content_of(world.receipts.days[source.file_day].receipts[source.version])
    line, trade = file.good.get(key_of(word.trade), (0, None))
    assert trade is not None
    meant = trade if before is None else completed(trade, before.trade)
    must(line == source.line and word.trade == meant, "version {} does not say {}, but {}", source.version, word, meant)
    if before is None:
        two = file.self_traded(trade.id) or _was_taken_back(sides_of(trade.id, world.book.words)[0])
        must(word.side == 1 or two, "a file with one row made {} a self-trade", trade.id)
        return
    must(not source.older_than(before.source), "an older version's word on {} replaced a newer one's", trade.id)
    must(leads(source.file_day, before), "the file of a day that does not lead corrected {}", trade.id)
    must(not clashes(trade, source.file_day, before), "another execution took the id of {}", trade.id)


def check_receipts(day: date, said: Said, world: World) -> None:
    """Every row of every version that came to its end is accounted for, as the book bears out."""
    before: Receipt | None = None
    for number in sorted(receipts := world.receipts.days[day].receipts):
        receipt = receipts[number]
        file = said.content_of(receipt)
        if receipt.state in BOOKED_STATES:
            confirmed = (day, number) in said.confirming
            must(
                not fewer(file, before) or confirmed,
                "version {} of {} is far shorter, and nobody confirmed",
                number,
                day,
            )
            _check_booked(receipt, file, before, world)
        elif receipt.state is not FileState.IMPORTING:
            _check_stopped(receipt, file)
        if receipt.state in {*BOOKED_STATES, FileState.IMPORTING}:
            before = receipt


def _check_booked(receipt: Receipt, file: Delivered, before: Receipt | None, world: World) -> None:
    must(receipt.rows == file.rows, f"{WHICH} counts {{0.rows}} rows of {{1}}", receipt, file.rows)
    must(receipt.accounted_for, f"{WHICH} does not account for every row: {{0}}", receipt)
    kept = {row.line for row in world.receipts.quarantine(receipt.file_day, receipt.version)}
    bad = len(kept)
    must(receipt.quarantined == bad, f"{WHICH} counts {{0.quarantined}} bad rows of {{1}}", receipt, bad)
    must(receipt.state is (FileState.PROVISIONAL if bad else FileState.IMPORTED), f"{WHICH} is {{0.state}}", receipt)
    must(not file.fault and not file.rejected, f"{WHICH} booked what cannot be used", receipt)
    must(kept >= file.bad, f"{WHICH} quarantines lines {{1}}, not {{2}}", receipt, kept, file.bad)
    for line, trade in file.good.values():
        if line in kept:
            words = (word for side in sides_of(trade.id, world.book.words) for word in side)
            others = [word.trade for word in words if executed_on(word.trade) != executed_on(trade)]
            must(others, f"{WHICH} quarantines {{1}}, whose id is not in use", receipt, trade)
    repeated = file.repeated if file.again is None or file.good[file.again][0] not in kept else 0
    certain, counts = True, {Outcome.BOOKED: 0, Outcome.CORRECTED: 0, Outcome.ALREADY_THERE: repeated}
    version = (receipt.file_day, receipt.version)
    for key, (line, _) in file.good.items():
        if line in kept:
            continue
        outcome, sure = _outcome((*version, line), key, world, receipt.imported_at)
        counts[outcome] += 1
        certain = certain and sure
    if certain:
        got = (receipt.booked, receipt.corrected, receipt.already_there)
        meant = (counts[Outcome.BOOKED], counts[Outcome.CORRECTED], counts[Outcome.ALREADY_THERE])
        says = f"{WHICH} counts {{1}} booked, corrected and already there; the book says {{2}}"
        must(got == meant, says, receipt, got, meant)
        kinds = [one.kind for one in _changes_of_the_run(receipt, world)]
        corrected = kinds.count(ChangeKind.CORRECTED) + kinds.count(ChangeKind.RESTORED)
        must(corrected == receipt.corrected, f"{WHICH} names {{1}} corrected of {{0.corrected}}", receipt, corrected)
    must(before is not None or not receipt.withdrawn, f"{WHICH} withdraws and follows nothing", receipt)


def _changes_of_the_run(receipt: Receipt, world: World) -> Sequence[FileChange]:
    """Return what a version changed when it was imported, without what importing it again put back."""
    kept = world.receipts.days[receipt.file_day].changes.items()
    mine = [changes for (version, first), changes in kept if version == receipt.version and first < AFTER_THE_RUN]
    return [change for changes in mine for change in changes]


def _outcome(row: Place, key: Key, world: World, ended: str | None) -> tuple[Outcome, bool]:
    """What the book says became of a row, and whether it can only be that: later words may have hidden it."""
    sides = sides_of(key[0], world.book.words)
    own = [word for side in sides for word in side if _place_of(word) == row]
    words = next((side for side in sides if own and own[0] in side), met(key, world.book.words) or ())
    later = bool(words) and words[-1].number > 1 and _place_of(words[-1]) != row
    if not own:
        return Outcome.ALREADY_THERE, not later
    # The same file may come again after its run, which then changes what was stated meanwhile.
    of_the_run = ended is None or own[0].recorded_at <= ended
    outcome = Outcome.BOOKED if own[0].number == 1 else Outcome.CORRECTED
    return outcome, len(own) == 1 and of_the_run and not later


def _place_of(word: Revision) -> Place | None:
    source = word.source
    return (source.file_day, source.version, source.line) if isinstance(source, FromFile) else None


def check_judged(receipt: Receipt, said: Said, world: World) -> None:
    """A version that is about to be booked, or is held, is so by the rules, as the book is at this moment."""
    before = next((one for one in in_the_book(receipt.file_day, world) if one.version != receipt.version), None)
    reason = must_hold(said.content_of(receipt), before, said, world)
    held = receipt.state is FileState.HELD
    world.tried["files held"] += held
    must(held == bool(reason), f"{WHICH} is {{0.state}} ({{0.reason}}), and the model holds: {{1}}", receipt, reason)


def _check_stopped(receipt: Receipt, file: Delivered) -> None:
    if receipt.state is FileState.WAITING:
        must(file.fault == "cut", f"{WHICH} waits for a whole file that is there", receipt)
    elif receipt.state is FileState.REJECTED:
        must(file.fault == "garbage" or file.rejected, f"{WHICH} rejected a good file", receipt)
    else:
        must(not file.fault and not file.rejected, f"{WHICH} holds a file that cannot be used", receipt)


@dataclass(slots=True)
class Standing:
    """What must stand: the sides, and those that nobody can be sure of since their withdrawal was broken off."""

    trades: dict[Key, Trade] = field(default_factory=dict)
    withdrawn: set[Key] = field(default_factory=set)
    unsure: set[Key] = field(default_factory=set)
    sides: dict[str, set[Key]] = field(default_factory=dict)

    def side(self, key: Key) -> Key:
        """Return the side that a row speaks of: its own, or the only one."""
        sides = self.sides.get(key[0], set())
        return next(iter(sides)) if len(sides) == 1 else key

    def book(self, trade: Trade, *, self_traded: bool) -> None:
        """Count a row of a file."""
        key = key_of(trade)
        sides = self.sides.setdefault(trade.id, set())
        if sides == {turned(key)} and not self_traded:
            self.trades.pop(turned(key), None)
            for some in (self.withdrawn, self.unsure, sides):
                some.discard(turned(key))
        sides.add(key)
        self.trades[key] = trade
        self.withdrawn.discard(key)
        self.unsure.discard(key)


def standing(said: Said, world: World) -> Standing:
    """Reckon from the versions that were booked, the posts that were answered and the confirmations."""
    held, both = Standing(), loose(said)
    for trade in said.booked.values():
        held.book(trade, self_traded=False)
    for day in sorted(said.files):
        _fold(day, held, both, said, world)
    held.trades = {key: trade for key, trade in held.trades.items() if key[0] not in both}
    return held


def loose(said: Said) -> set[str]:
    """Return the ids of which the newest word depends on the order in which it was said."""
    stated = {key[0] for key in said.statements.stated}
    return crossed(said) | stated | {name_and_side(side)[0] for side in said.by_hand}


def _fold(day: date, held: Standing, both: set[str], said: Said, world: World) -> None:
    """Follow the versions of one day, but for the trades (`both`) of which other files may speak."""
    before: Delivered | None = None
    pending: set[Key] = set()
    seen: set[Key] = set()
    confirmed = False
    for number in sorted(receipts := world.receipts.days[day].receipts if day in world.receipts.days else {}):
        receipt = receipts[number]
        if receipt.state not in BOOKED_STATES:
            continue
        file = said.content_of(receipt)
        unsure = set(held.unsure)
        for key, (_, trade) in file.good.items():
            if key[0] not in both:
                held.book(trade, self_traded=file.self_traded(trade.id))
        booked = {key[0] for key in seen}  # a bad row leaves the trade that another one booked
        rows = {*before.good, *(key for key in before.named if key[0] in booked)} if before else set()
        lacking = {held.side(key) for key in rows | (set() if confirmed else pending) if key[0] not in both}
        pending = {
            key
            for key in lacking
            if key in held.trades and not is_about(file.named, key, len(held.sides.get(key[0], ())))
        }
        named = seen | (before.named if before else set())
        sure = not pending & unsure and all(key in file.named for key in named if key[0] in both)
        seen |= file.good.keys()
        must(
            not sure or receipt.withdrawn == len(pending),
            "{0.file_day} version {0.version} withdraws {0.withdrawn} of {1}",
            receipt,
            pending,
        )
        confirmed = receipt.confirmed_at is not None
        if confirmed:
            must((day, number) in said.confirming, "nobody confirmed version {} of {}", number, day)
            for one in pending:
                del held.trades[one]
                held.withdrawn.add(one)
            held.unsure -= pending
        elif (day, number) in said.confirming:
            held.unsure |= pending
        before = file


def check_quiet(said: Said, world: World) -> None:
    """With nothing under way, the newest word of the exchange is in the book, and the book holds nothing else.

    A trade is lost where the newest booked version of any file holds it, and the book does not.
    """
    for day, files in said.files.items():
        newest = world.receipts.newest([day]).get(day)
        must(newest is not None, "the file of {} was never looked at", day)
        assert newest is not None
        must(newest.sha256 == files[-1].sha256, "the newest receipt of {} is not about the newest file", day)
        for receipt in world.receipts.versions(day):
            must(receipt.state in ENDED, f"{WHICH} never came to its end", receipt)
        check_receipts(day, said, world)
    check_positions(world.book)
    meant, both = standing(said, world), loose(said)
    there: set[Key] = set()
    for words in world.book.words.values():
        last = words[-1]
        if last.trade.venue != VENUE:
            continue
        one = key_of(last.trade)
        there.add(one)
        world.tried["second sides"] += last.side == 2
        if one in meant.unsure or one[0] in both:
            continue
        gone, trade = one in meant.withdrawn, meant.trades.get(one)
        must(last.withdrawn == gone, "{} is withdrawn: {}, should be: {}", one, last.withdrawn, gone)
        must(last.withdrawn or trade or one[0] in said.posts, "{} stands, and nobody said so", one)
        must(last.withdrawn or trade is None or last.trade == trade, "{} stands wrongly", one)
    missing = [one for one in meant.trades if one not in there]
    missing += check_held_rows(said, world)
    check_dropped_rows(said, world)
    world.tried["trades that must stand"] += len(meant.trades)
    proof = verify(FakeLedger(world.book, world.receipts), BookStores(world.receipts, world.store, world.book))
    must(not proof.deviations, "verify finds {}", proof.deviations)
    world.tried["trades lost"] += len(missing)
    must(not missing, "lost: {}", missing)


def check_notices(said: Said, world: World, followed: set[date]) -> None:
    """The desk was told all there was to tell and nothing else, and heard each at least once."""
    told = {(one.file_day, one.kind, one.version): one for one in world.outbox.notices.values()}
    meant = {wanted for day in said.files for wanted in _wanted(day, said, world)}
    for key, notice in told.items():
        must(notice.sent_at is not None, "never sent: {0.subject}", notice)
        must(world.heard[notice.subject, notice.body] > 0, "noted as sent, and nobody heard: {0.subject}", notice)
        held = (
            key[1] in {Kind.HELD, Kind.CORRECTED, Kind.WITHDRAWN}
            and (key[0], key[2]) in said.confirming | world.receipts.missed
        )
        unproved = key[1] in {Kind.LATE, Kind.RECOVERED, Kind.RESTORED}
        unproved = unproved or (key[1] is Kind.CORRECTED and adds_trades(key[0], key[2], world))
        unproved = unproved or (key[1] is Kind.WARNING and _may_be_odd(key[0], key[2], said, world))
        must(held or key in meant or unproved, "told for nothing: {0.subject}", notice)
    silent = {key for key in meant if key not in told}
    must(not silent, "nobody was told: {}", silent)
    _check_late(told, followed, world)


def _wanted(day: date, said: Said, world: World) -> list[tuple[date, Kind, int]]:
    wanted: list[tuple[date, Kind, int]] = []
    held = world.receipts.days.get(day)
    for receipt in held.receipts.values() if held else ():
        key = (day, receipt.version)
        if receipt.state is FileState.REJECTED:
            wanted.append((day, Kind.REJECTED, receipt.version))
        if receipt.state is FileState.HELD or key in world.were_held:
            wanted.append((day, Kind.HELD, receipt.version))
        if receipt.state in BOOKED_STATES:
            wanted += [(day, Kind.QUARANTINED, receipt.version)] * bool(receipt.quarantined)
            wanted += [(day, Kind.WARNING, receipt.version)] * bool(_is_odd(receipt, said, world))
            accepted = key in world.were_held or key in said.confirming  # what it misses is taken out next
            missing = receipt.withdrawn and not accepted
            wanted += [(day, Kind.CORRECTED, receipt.version)] * bool(receipt.corrected or missing)
    return wanted


def adds_trades(day: date, version: int, world: World) -> bool:
    """Check whether a later version of a file booked a row: if the day was complete before, that is told."""
    receipt = world.receipts.days[day].receipts[version]
    return version > 1 and receipt.booked > 0


def _is_odd(receipt: Receipt, said: Said, world: World) -> bool:
    """Check whether a booked version is one to warn of: empty, not of its day, overruled, or with impossible times."""
    file = said.content_of(receipt)
    stale = any(one.kind is ChangeKind.STALE for one in _changes_of_the_run(receipt, world))
    late = any(_is_after_delivery(trade) for _, trade in file.good.values())
    return not file.rows or file.other > file.own or stale or late


def _may_be_odd(day: date, version: int, said: Said, world: World) -> bool:
    """Check whether a row was taken back by its venue, or equals a posted trade in all but the id, maybe before."""
    rows = said.content_of(world.receipts.days[day].receipts[version]).good
    if any(_was_taken_back(met(key, world.book.words) or ()) for key in rows):
        return True
    sides = world.book.words.values()
    posted = {word.trade for words in sides for word in words if isinstance(word.source, Posted)}
    return any(trade.id != row.id and under_other_ids([trade], [row]) for trade in posted for _, row in rows.values())


def _was_taken_back(words: Words) -> bool:
    return any(word.trade.state in NOT_COUNTED for word in words)


def _is_after_delivery(trade: Trade) -> bool:
    day, hour = trade.delivery_day, timedelta(hours=1)
    doubled = trade.delivery_hour == TWICE and midnight(day + timedelta(days=1)) - midnight(day) > 24 * hour
    return instant(trade.execution_time) > trade.period.start + (2 if doubled else 1) * hour


def _after(receipt: Receipt, late: Notice) -> bool:
    """Tell whether a version was booked after the desk was told that it is late, by whatever clock either went."""
    if receipt.state not in BOOKED_STATES or receipt.imported_at is None or not receipt.usable:
        return False
    return instant(receipt.imported_at) > instant(late.written_at) + WRONG_CLOCKS


def is_told(day: date, world: World) -> bool:
    """Tell whether the desk was told that a version after the one in the book was held or rejected."""
    newest = world.receipts.newest([day]).get(day)
    booked = newest.standing_version if newest is not None else 0
    kinds = {Kind.HELD, Kind.REJECTED}
    return any(one == day and kind in kinds and number > booked for one, kind, number in world.outbox.notices)


def _check_late(told: dict[tuple[date, Kind, int], Notice], followed: set[date], world: World) -> None:
    late = {day for day, kind, _ in told if kind is Kind.LATE}
    missed = {day for day, kind, _ in told if kind in {Kind.LATE, Kind.REJECTED}}
    recovered = [day for day, kind, _ in told if kind is Kind.RECOVERED]
    must(len(recovered) == len(set(recovered)), "recovered more than once: {}", recovered)
    must(missed.issuperset(recovered), "recovered and never missed: {}, of {}", recovered, missed)
    for day in followed:
        newest = world.receipts.newest([day]).get(day)
        unused = newest is None or newest.awaited
        must(not unused or day in late or is_told(day, world), "{} is late and nobody was told", day)
    for day in late:
        early = eight(day + timedelta(days=1)) - instant(told[day, Kind.LATE, 0].written_at)
        must(early < WRONG_CLOCKS, "{} was told to be late {} before 08:00", day, early)
        held = world.receipts.days.get(day)
        booked = [one for one in held.receipts.values() if _after(one, told[day, Kind.LATE, 0])] if held else []
        must(not booked or day in recovered, "{} was late, came, and nobody was told", day)
