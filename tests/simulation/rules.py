"""The rules of a file's own day, written a second time: who leads, what is held, and who may withdraw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.positions.model import VENUE
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import FromFile, Posted, Revision
from tests.simulation.exchange import BAD_ROWS_ALLOWED, BAD_SHARE, executed_on
from tests.simulation.sides import Key, Words, is_about, key_of, met, sides_of, terms, turned
from tests.simulation.sums import stands
from tests.simulation.venues import NOT_COUNTED
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.exchange import Delivered
    from tests.simulation.model import Said
    from tests.simulation.world import World

HOUR: Final = 60
FEWER_PERCENT: Final = 20
POLLED: Final = timedelta(days=7)
IN_THE_BOOK: Final = frozenset({*BOOKED_STATES, FileState.IMPORTING})


def fewer(file: Delivered, before: Receipt | None) -> bool:
    """Check whether a version has far fewer rows than the one that is in the book."""
    return before is not None and file.rows * 100 < before.rows * (100 - FEWER_PERCENT)


def _spoke_for_its_day(before: Delivered) -> bool:
    return bool(before.good) and before.own >= before.other


def many(rows: int, of: int) -> bool:
    """Check whether so many rows are too many to be a slip."""
    return rows > BAD_ROWS_ALLOWED and rows * 100 > of * BAD_SHARE


def days_of(revision: Revision) -> set[date]:
    """Return the file days that a revision names."""
    return {file.day for file in revision.seen_in}


def agreeing_day(revision: Revision) -> date | None:
    """Return the file day that leads, if its terms are those of the revision."""
    return revision.leading.day if revision.leading else None


def leading_day(revision: Revision) -> date | None:
    """Return the file day whose word on a trade counts; that of a correction over HTTP is the one before."""
    leading, own, noted = agreeing_day(revision), executed_on(revision.trade), days_of(revision)
    if leading is None and noted and not revision.withdrawn:
        return own if own in noted else max(noted)
    return leading


def leads(day: date, revision: Revision) -> bool:
    """Check whether the file of a day counts for more than the one that states a trade: its own, else the later one."""
    leading, own = leading_day(revision), executed_on(revision.trade)
    if leading is None or day == own:
        return True
    return leading != own and day >= leading


def clashes(row: Trade, day: date, revision: Revision) -> bool:
    """Check whether a row is another execution under the id of this trade."""
    executed = executed_on(row)
    moved = executed not in {executed_on(revision.trade), day} and days_of(revision) == {day}
    return executed != executed_on(revision.trade) and not moved


def must_hold(file: Delivered, before: Receipt | None, said: Said, world: World) -> str | None:
    """Return why a file must be held, as the book is now; `before` is the version of its day that is in the book."""
    words = world.book.words
    if fewer(file, before):
        return "fewer rows"
    books = before is not None and before.good_rows > 0  # rows whose ids are in use book nothing to protect
    if before is not None and books and _spoke_for_its_day(said.content_of(before)) and file.own < file.other:
        return "another day's rows"
    if not file.rows:
        standing = (one[-1].trade for one in words.values() if stands(one[-1]))
        executed = any(executed_on(one) == file.day and fits_a_row(one) for one in standing)
        return "empty" if before is None and executed else None
    there = {key: current for key in file.good if (current := _current(key, file, world)) is not None}
    known = _stated_before(file.day, said, world)
    if file.good and not file.own and len(there) == len(file.good) and not known & there.keys():
        return "a copy"
    clashing = {one for one, standing in there.items() if clashes(file.good[one][1], file.day, standing)}
    if clashing and (len(clashing) == len(file.good) or many(len(clashing), len(file.good))):
        return "ids"
    correcting = [
        one
        for one, standing in there.items()
        if one not in clashing
        and not standing.withdrawn
        and terms(standing.trade) != terms(file.good[one][1])
        and leads(file.day, standing)
        and agreeing_day(standing) != file.day
        and days_of(standing) - {file.day}
    ]
    return "corrects many" if before is None and many(len(correcting), len(file.good)) else None


def _current(key: Key, file: Delivered, world: World) -> Revision | None:
    """Return what a row of a file is about in the book, None if its side is new."""
    words = met(key, world.book.words)
    if words is None or words[-1].trade.direction is key[1]:
        return words[-1] if words else None
    return None if file.self_traded(key[0]) or words[-1].trade.state in NOT_COUNTED else words[-1]


def fits_a_row(trade: Trade) -> bool:
    """Check whether a daily file can state a trade, whatever its state: it has whole hours and MW of the exchange."""
    whole = trade.period.minutes == HOUR and not trade.period.start.minute and not trade.kw % 1000
    return whole and trade.venue == VENUE


def _stated_before(day: date, said: Said, world: World) -> set[Key]:
    return {one for receipt in in_the_book(day, world) for one in rows_of(receipt, said, world)}


def in_the_book(day: date, world: World) -> list[Receipt]:
    """Return the versions of a day that are in the book, or on their way into it, the newest first."""
    return [one for one in world.receipts.versions(day) if one.state in IN_THE_BOOK]


def rows_of(receipt: Receipt, said: Said, world: World) -> Mapping[Key, Trade]:
    """Return the trades of a version without those whose ids were in use."""
    file = said.content_of(receipt)
    kept = {row.line for row in world.receipts.quarantine(receipt.file_day, receipt.version)}
    return {key: trade for key, (line, trade) in file.good.items() if line not in kept}


def newest_rows(said: Said, world: World) -> dict[date, Mapping[Key, Trade]]:
    """Return the trades of the newest booked version of every file day."""
    held = {day: [one for one in world.receipts.versions(day) if one.state in BOOKED_STATES] for day in said.files}
    return {day: rows_of(versions[0], said, world) for day, versions in held.items() if versions}


def crossed(said: Said) -> set[str]:
    """Return the ids of which files of several days speak, or one file or post of another day of execution."""
    seen: dict[str, date] = {}
    found: set[str] = set()
    for day, files in said.files.items():
        for file in files:
            for key in file.named | file.good.keys():
                one = key[0]
                if seen.setdefault(one, day) != day or (key in file.good and executed_on(file.good[key][1]) != day):
                    found.add(one)
    for one, trades in said.posts.items():
        if one in seen and any(executed_on(trade) != seen[one] for trade in trades):
            found.add(one)
    return found


def check_withdrawal(words: Sequence[Revision], said: Said, world: World) -> None:
    """Check that a withdrawn side is in no newest booked file, its own file came, and its day confirmed it."""
    newest, last = newest_rows(said, world), words[-1]
    # What users have added since files stated the side changes nothing about those files.
    stated = words[:-1] if isinstance(words[-2].source, Posted) else words[-2:-1]
    sides = len(sides_of(last.trade.id, world.book.words))
    holding = [day for day, rows in newest.items() if is_about(rows, key_of(last.trade), sides)]
    must(not holding, "{} was withdrawn, and the file of {} holds it", last.trade.id, holding)
    own = executed_on(last.trade)
    entitled = {own, *(word.source.file_day for word in stated if isinstance(word.source, FromFile))}
    must(any(day in entitled for day, _ in said.confirming), "{} was withdrawn by a foreign file", last.trade.id)
    must(in_the_book(own, world), "{} was withdrawn before its own file came", last.trade.id)


def check_held_rows(said: Said, world: World) -> Iterator[Key]:
    """Every good row of every newest booked file stands, with the terms of the file that leads; returns those lost."""
    stating: dict[str, dict[date, Trade]] = {}
    for day, rows in newest_rows(said, world).items():
        for key, trade in rows.items():
            words = met(key, world.book.words)
            if words is None or (turned(key) in rows and words[-1].trade.direction is not key[1]):
                yield key
                continue
            stating.setdefault(words[-1].side_id, {})[day] = trade
    ever = _ever_stated(said, world)
    for side, by_day in stating.items():
        last = world.book.words[side][-1]
        must(not last.withdrawn, "{} is withdrawn, and the files of {} hold it", last.trade, [*by_day])
        own = executed_on(last.trade)
        leader = own if own in by_day else max(by_day)
        stated = _of_side(last.trade, ever, world)
        outranking = {day for day in stated if day == own or (leader != own and day > leader)} - by_day.keys()
        standing = terms(last.trade)
        right = standing == terms(by_day[leader]) or any(standing in map(terms, stated[day]) for day in outranking)
        right = right or last.number > world.begun[leader].get(side, 0)  # stated since the file was imported
        must(right, "{} stands, and the file of {} leads: {}", last.trade, leader, by_day[leader])


def _ever_stated(said: Said, world: World) -> dict[Key, dict[date, list[Trade]]]:
    stated: dict[Key, dict[date, list[Trade]]] = {}
    for day in said.files:
        for receipt in in_the_book(day, world):
            for key, trade in rows_of(receipt, said, world).items():
                stated.setdefault(key, {}).setdefault(day, []).append(trade)
    return stated


def _of_side(trade: Trade, ever: dict[Key, dict[date, list[Trade]]], world: World) -> dict[date, list[Trade]]:
    """Return what files ever stated of a side; rows of the other direction speak of it while it is alone."""
    key = key_of(trade)
    alone = len(sides_of(trade.id, world.book.words)) == 1
    found: dict[date, list[Trade]] = {}
    for one in (key, turned(key)) if alone else (key,):
        for day, trades in ever.get(one, {}).items():
            found[day] = [*found.get(day, ()), *trades]
    return found


def check_dropped_rows(said: Said, world: World) -> None:
    """Every side that all files dropped is named as missing, by its own file or the one that brought it."""
    newest = {day: receipt for day in said.files if (receipt := world.receipts.newest([day]).get(day)) is not None}
    there = {key for day in said.files for key in _may_hold(day, said, world)}
    ever = _ever_stated(said, world)
    polled = max(said.files, default=date.min) - POLLED
    named = {day: _missing_from(receipt, world, polled=day >= polled) for day, receipt in newest.items()}
    for one in sorted({trade_id for trade_id, _ in ever}):
        sides = sides_of(one, world.book.words)
        for words in sides:
            last = words[-1]
            key, own, source = key_of(last.trade), executed_on(last.trade), last.source
            if is_about(there, key, len(sides)) or last.side_id in said.by_hand:  # a person decides on those
                continue
            entitled = {own, *([source.file_day] if isinstance(source, FromFile) else [])} & newest.keys()
            own_file = newest.get(own)
            if not _may_be_dropped(words) or not entitled & _of_side(last.trade, ever, world).keys():
                continue
            if own_file is None or own_file.state not in BOOKED_STATES:
                continue
            if not (own_file.usable and own_file.stands_for_its_day):
                continue
            world.tried["trades dropped by all files"] += 1
            undecided = any(newest[day].state not in BOOKED_STATES for day in entitled)
            must(undecided or any(key in named[day] for day in entitled), "{} was dropped by all files, unnamed", key)


def _may_be_dropped(words: Words) -> bool:
    """Check that a row stated a side, and that it counts; of those that were taken back no file is asked again."""
    taken_back = any(word.trade.state in NOT_COUNTED for word in words)
    return any(map(days_of, words)) and not taken_back and not words[-1].withdrawn


def _may_hold(day: date, said: Said, world: World) -> Iterator[Key]:
    """Return the sides in the newest booked version of a day, and in those held since."""
    for receipt in world.receipts.versions(day):
        if receipt.state in {*IN_THE_BOOK, FileState.HELD}:
            file = said.content_of(receipt)
            yield from file.named
            yield from file.good
        if receipt.state in BOOKED_STATES:
            return


def _missing_from(receipt: Receipt, world: World, *, polled: bool) -> set[Key]:
    """Return the sides that a receipt names as missing. One that no poll decides on again may still call them kept."""
    if receipt.confirmed_at is not None:
        return set()
    kinds = {ChangeKind.WITHDRAWN} if polled else {ChangeKind.WITHDRAWN, ChangeKind.KEPT}
    changes = world.receipts.changes(receipt.file_day, receipt.version)
    return {(change.trade_id, change.direction) for change in changes if change.kind in kinds and change.direction}
