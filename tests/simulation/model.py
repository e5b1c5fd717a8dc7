"""The simple model: what the book must hold once all is quiet, reckoned from what was said and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.domain.delivery import Period
from chalicelib.domain.execution_time import instant
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.position import NO_CHANGE
from chalicelib.domain.receipt import BOOKED_STATES, ChangeKind, FileState, Receipt
from chalicelib.domain.revision import FromFile, Posted, Revision
from chalicelib.domain.trade import Direction, Trade
from chalicelib.services.booking import Outcome
from tests.simulation.berlin import eight, last_sunday, midnight
from tests.simulation.world import Broken

if TYPE_CHECKING:
    from tests.simulation.exchange import Delivered
    from tests.simulation.world import World

ENDED = {*BOOKED_STATES, FileState.REJECTED, FileState.WAITING, FileState.HELD}
FEWER_PERCENT = 20
WRONG_CLOCKS = timedelta(minutes=20)
"""By how much the clocks of two runs may differ."""


def must(holds: object, what: str) -> None:
    """Raise where a promise does not hold."""
    if not holds:
        raise Broken(what)


@dataclass(slots=True)
class Said:
    """Everything that was said to the book: files in the order they were put, posts, and what was confirmed."""

    files: dict[date, list[Delivered]] = field(default_factory=dict)
    by_content: dict[tuple[date, str], Delivered] = field(default_factory=dict)
    posts: dict[str, list[Trade]] = field(default_factory=dict)
    booked: dict[str, Trade] = field(default_factory=dict)
    """What a client was told is booked."""
    refused: list[Trade] = field(default_factory=list)
    """What a client was told conflicts with what is booked."""
    confirming: set[tuple[date, int]] = field(default_factory=set)
    """Versions whose withdrawals somebody confirmed, or began to."""
    crossing: bool = False
    """Whether files of two days may speak of one trade, so that not each of them may withdraw it."""

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


def check_words(trade_id: str, words: list[Revision], said: Said, world: World) -> None:
    """Every word on a trade was said by somebody, in an order that may be."""
    for number, word in enumerate(words, 1):
        must(word.number == number, f"word {number} on {trade_id} bears the number {word.number}")
        source = word.source
        if isinstance(source, Posted):
            posted = word.withdrawn or word.trade in said.posts.get(trade_id, ())
            must(posted, f"nobody posted {word.trade}")
            must(number == 1 or word.withdrawn, f"a post replaced what was booked of {trade_id}")
            continue
        receipt = world.receipts.days[source.file_day].receipts[source.version]
        line, trade = said.content_of(receipt).good.get(trade_id, (0, None))
        must(line == source.line and word.trade == trade, f"version {source.version} does not say {word}")
        if number > 1:
            before = words[number - 2]
            must(not source.older_than(before.source), f"an older version's word on {trade_id} replaced a newer one's")
            must(not before.outlasts(source), f"an earlier day's word on {trade_id} replaced a later one's")


def check_positions(world: World) -> None:
    """The positions are the sum of the trades that stand, in whole eurocent and MW."""
    meant: dict[tuple[str, date, int], list[int]] = {}
    for words in world.book.words.values():
        if words[-1].withdrawn:
            continue
        one = words[-1].trade
        sums = meant.setdefault((one.trader_id, one.delivery_day, one.delivery_hour), [0, 0, 0, 0, 0])
        sums[0] += 1
        side = 1 if one.direction is Direction.BUY else 2
        sums[side] += one.quantity
        sums[side + 2] += one.quantity * one.price
    for key, held in world.book.held.items():
        if held == NO_CHANGE:
            continue
        units = [held.trades, held.buy_kw, held.sell_kw, held.buy_cash, held.sell_cash]
        sums = meant.pop((key.trader_id, key.delivery_day, hour_of(key.period)), [])
        exact = [units[0], *(unit // 1000 for unit in units[1:3]), *(unit // 60_000 for unit in units[3:])]
        must(sums == exact and not any(unit % 1000 for unit in units[1:]), f"{key} holds {held}, should be {sums}")
    must(not meant, f"positions lack {meant}")


@lru_cache(maxsize=4096)
def hour_of(period: Period) -> int:
    """The hour on the clock of Berlin in which a period begins, by the rule of summer time."""
    day = (period.start + timedelta(hours=2)).date()
    passed = (period.start - midnight(day)) // timedelta(hours=1)
    if passed < 0:
        return 23
    if day == last_sunday(day.year, 3):
        return passed + (passed > 1)
    return passed - (passed > 2 and day == last_sunday(day.year, 10))


def check_receipts(day: date, said: Said, world: World) -> None:
    """Every row of every version that came to its end is accounted for, as the book bears out."""
    before: Receipt | None = None
    for number in sorted(receipts := world.receipts.days[day].receipts):
        receipt = receipts[number]
        file = said.content_of(receipt)
        if receipt.state in BOOKED_STATES:
            fewer = before is not None and _fewer(file, before)
            confirmed = (day, number) in said.confirming
            must(not fewer or confirmed, f"version {number} of {day} is far shorter, and nobody confirmed it")
            _check_booked(receipt, file, before, world)
        elif receipt.state is not FileState.IMPORTING:
            _check_stopped(receipt, file, before)
        if receipt.state in {*BOOKED_STATES, FileState.IMPORTING}:
            before = receipt


def _check_booked(receipt: Receipt, file: Delivered, before: Receipt | None, world: World) -> None:
    what = f"the receipt of {receipt.file_day} version {receipt.version}"
    must(receipt.rows == file.rows, f"{what} counts {receipt.rows} rows of {file.rows}")
    must(receipt.accounted_for, f"{what} does not account for every row: {receipt}")
    must(receipt.quarantined == len(file.bad), f"{what} counts {receipt.quarantined} bad rows of {len(file.bad)}")
    must(receipt.state is (FileState.PROVISIONAL if file.bad else FileState.IMPORTED), f"{what} is {receipt.state}")
    must(not file.fault and not file.rejected, f"{what} booked what cannot be used")
    kept = {row.line for row in world.receipts.quarantine(receipt.file_day, receipt.version)}
    must(kept == file.bad, f"{what} quarantines lines {kept}, not {file.bad}")
    certain, counts = True, {Outcome.BOOKED: 0, Outcome.CORRECTED: 0, Outcome.ALREADY_THERE: file.repeated}
    for one, (line, _) in file.good.items():
        outcome, sure = _outcome(FromFile(receipt.file_day, receipt.version, line), world.book.words.get(one, []))
        counts[outcome] += 1
        certain = certain and sure
    if certain:
        got = (receipt.booked, receipt.corrected, receipt.already_there)
        meant = (counts[Outcome.BOOKED], counts[Outcome.CORRECTED], counts[Outcome.ALREADY_THERE])
        must(got == meant, f"{what} counts {got} booked, corrected and already there; the book says {meant}")
        changes = world.receipts.changes(receipt.file_day, receipt.version)
        corrected = sum(one.kind is ChangeKind.CORRECTED for one in changes)
        must(corrected == receipt.corrected, f"{what} names {corrected} corrected trades of {receipt.corrected}")
    must(before is not None or not receipt.withdrawn, f"{what} withdraws and follows nothing")


def _outcome(source: FromFile, words: list[Revision]) -> tuple[Outcome, bool]:
    """What the book says became of a row, and whether it can only be that: later words may have hidden it."""
    own = [word for word in words if word.source == source]
    later = bool(words) and words[-1].source != source and words[-1].number > 1
    if not own:
        return Outcome.ALREADY_THERE, not later
    return (Outcome.BOOKED if own[0].number == 1 else Outcome.CORRECTED), len(own) == 1 and not later


def _check_stopped(receipt: Receipt, file: Delivered, before: Receipt | None) -> None:
    what = f"the receipt of {receipt.file_day} version {receipt.version}"
    if receipt.state is FileState.WAITING:
        must(file.fault == "cut", f"{what} waits for a whole file that is there")
    elif receipt.state is FileState.REJECTED:
        must(file.fault == "garbage" or file.rejected, f"{what} rejected a good file")
    else:
        fewer = before is not None and _fewer(file, before)
        must(fewer and not file.fault and not file.rejected, f"{what} holds a file that is no shorter")


def _fewer(file: Delivered, before: Receipt) -> bool:
    return file.rows * 100 < before.rows * (100 - FEWER_PERCENT)


@dataclass(slots=True)
class Standing:
    """What must stand: the trades, and the ids that nobody can be sure of since their withdrawal was broken off."""

    trades: dict[str, Trade]
    withdrawn: set[str]
    unsure: set[str]


def standing(said: Said, world: World) -> Standing:
    """Reckon from the versions that were booked, the posts that were answered and the confirmations."""
    must_hold = Standing(dict(said.booked), set(), set())
    for day in sorted(said.files):
        _fold(day, must_hold, said, world)
    return must_hold


def _fold(day: date, held: Standing, said: Said, world: World) -> None:
    before: Delivered | None = None
    pending: set[str] = set()
    confirmed = False
    for number in sorted(receipts := world.receipts.days[day].receipts if day in world.receipts.days else {}):
        receipt = receipts[number]
        if receipt.state not in BOOKED_STATES:
            continue
        file = said.content_of(receipt)
        lacking = (set(before.good) if before else set()) | (set() if confirmed else pending)
        lacking -= file.named
        pending = {one for one in lacking if one in held.trades}
        sure = not said.crossing and not pending & held.unsure
        must(
            not sure or receipt.withdrawn == len(pending),
            f"{day} version {number} withdraws {receipt.withdrawn} of {pending}",
        )
        for one, (_, trade) in file.good.items():
            held.trades[one] = trade
            held.withdrawn.discard(one)
            held.unsure.discard(one)
        confirmed = receipt.confirmed_at is not None
        if confirmed:
            must((day, number) in said.confirming, f"nobody confirmed version {number} of {day}")
            for one in pending:
                del held.trades[one]
                held.withdrawn.add(one)
            held.unsure -= pending
        elif (day, number) in said.confirming:
            held.unsure |= pending
        before = file


def check_quiet(said: Said, world: World) -> None:
    """With nothing under way, the newest word of the exchange is in the book, and the book holds nothing else."""
    for day, files in said.files.items():
        newest = world.receipts.newest([day]).get(day)
        must(newest is not None, f"the file of {day} was never looked at")
        assert newest is not None
        must(newest.sha256 == files[-1].sha256, f"the newest receipt of {day} is not about the newest file")
        for receipt in world.receipts.versions(day):
            must(receipt.state in ENDED, f"the import of {day} version {receipt.version} never came to its end")
        check_receipts(day, said, world)
    meant = standing(said, world)
    for one, words in world.book.words.items():
        last = words[-1]
        if one in meant.unsure:
            continue
        must(last.withdrawn == (one in meant.withdrawn), f"{one} is {'' if last.withdrawn else 'not '}withdrawn")
        must(last.withdrawn or one in meant.trades or one in said.posts, f"{one} stands, and nobody said so")
        must(
            last.withdrawn or one not in meant.trades or last.trade == meant.trades[one],
            f"{one} stands wrongly",
        )
    missing = [one for one in meant.trades if one not in world.book.words]
    must(not missing, f"lost: {missing}")


def check_notices(said: Said, world: World, followed: set[date]) -> None:
    """The desk was told all there was to tell and nothing else, and heard each at least once."""
    told = {(one.file_day, one.kind, one.version): one for one in world.outbox.notices.values()}
    meant = {wanted for day in said.files for wanted in _wanted(day, world)}
    for key, notice in told.items():
        must(notice.sent_at is not None, f"never sent: {notice.subject}")
        must(world.heard[notice.subject, notice.body] > 0, f"noted as sent, and nobody heard: {notice.subject}")
        held = key[1] is Kind.HELD and (key[0], key[2]) in said.confirming
        must(held or key in meant or key[1] in {Kind.LATE, Kind.RECOVERED}, f"told for nothing: {notice.subject}")
    silent = {key for key in meant if key not in told}
    must(not silent, f"nobody was told: {silent}")
    _check_late(told, followed, world)


def _wanted(day: date, world: World) -> list[tuple[date, Kind, int]]:
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
            wanted += [(day, Kind.CORRECTED, receipt.version)] * bool(receipt.corrected or receipt.withdrawn)
    return wanted


def _after(receipt: Receipt, late: Notice) -> bool:
    """Tell whether a version was booked after the desk was told that it is late, by whatever clock either went."""
    if receipt.state not in BOOKED_STATES or receipt.imported_at is None:
        return False
    return instant(receipt.imported_at) > instant(late.written_at) + WRONG_CLOCKS


def _check_late(told: dict[tuple[date, Kind, int], Notice], followed: set[date], world: World) -> None:
    late = {day for day, kind, _ in told if kind is Kind.LATE}
    missed = {day for day, kind, _ in told if kind in {Kind.LATE, Kind.REJECTED}}
    recovered = [day for day, kind, _ in told if kind is Kind.RECOVERED]
    must(len(recovered) == len(set(recovered)), f"recovered more than once: {recovered}")
    must(set(recovered) <= missed, f"recovered and never missed: {set(recovered) - missed}")
    for day in followed:
        newest = world.receipts.newest([day]).get(day)
        unused = newest is None or newest.state is FileState.WAITING
        must(not unused or day in late, f"{day} is late and nobody was told")
    for day in late:
        early = eight(day + timedelta(days=1)) - instant(told[day, Kind.LATE, 0].written_at)
        must(early < WRONG_CLOCKS, f"{day} was told to be late {early} before 08:00")
        held = world.receipts.days.get(day)
        booked = [one for one in held.receipts.values() if _after(one, told[day, Kind.LATE, 0])] if held else []
        must(not booked or day in recovered, f"{day} was late, came, and nobody was told")
