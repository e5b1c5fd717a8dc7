"""Who may withdraw, what files hold, and what all of them dropped, written a second time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.common.timestamps import instant
from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.trades.model import Trade
from chalicelib.trades.revision import FromFile, Posted, Revision
from tests.simulation.delivered import executed_on
from tests.simulation.leading import agreeing_file, files_of, leads, rank
from tests.simulation.receipts import (
    IN_THE_BOOK,
    WRONG_CLOCKS,
    changes,
    in_the_book,
    newest,
    newest_rows,
    rows_of,
    versions,
)
from tests.simulation.row_effects import may_turn
from tests.simulation.sides import Key, Words, id_of, is_about, key_of, met, sides_of, terms, turned
from tests.simulation.venues import NOT_COUNTED
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.delivered import Delivered
    from tests.simulation.model import Said
    from tests.simulation.world import World

POLLED: Final = timedelta(days=7)


def check_withdrawal(words: Sequence[Revision], said: Said, world: World) -> None:
    """Check that a withdrawn side is in no newest booked file, its own files came, and one of them confirmed it."""
    last, key = words[-1], key_of(words[-1].trade)
    # What users have added since files stated the side changes nothing about those files.
    stated = words[:-1] if isinstance(words[-2].source, Posted) else words[-2:-1]
    sides = len(sides_of(id_of(key), world.book.words))
    holding = [file for file, rows in newest_rows(said, world).items() if is_about(rows, key, sides)]
    must(not holding, "{} was withdrawn, and the files {} hold it", key, holding)
    own = executed_on(last.trade)
    sources = {word.source.file for word in stated if isinstance(word.source, FromFile)}
    confirmed = any(file.day == own or file in sources for file, _ in said.confirming)
    must(confirmed, "{} was withdrawn by a foreign file", key)
    for feed in {file.feed for file in files_of(words[-2])}:
        must(in_the_book(FileDay(own, feed), world), "{} was withdrawn before its own file of {} came", key, feed)


def check_held_rows(said: Said, world: World) -> Iterator[Key]:
    """Every good row of every newest booked file stands, with the terms of what leads; returns those lost."""
    stating: dict[str, dict[FileDay, Trade]] = {}
    for file, rows in newest_rows(said, world).items():
        for key, trade in rows.items():
            words = met(key, world.book.words)
            if words is None or _is_lost(key, words[-1], file, turned(key) in rows):
                yield key
            elif _contradicts_recall(trade, words[-1], file, said, world):
                continue
            elif words[-1].trade.direction is key.direction or file.feed == "daily":
                stating.setdefault(words[-1].side_id, {})[file] = trade
    ever = _ever_stated(said, world)
    for side, by_file in stating.items():
        words = world.book.words[side]
        taken_back = words[-1].trade.state in NOT_COUNTED  # by its venue as well: no row that counts it puts it back
        held = not words[-1].withdrawn or taken_back
        must(held, "{} is withdrawn, and the files {} hold it", words[-1].trade, [*by_file])
        stated = _of_side(words[-1].trade, ever, world)
        if _is_numbered(words, stated):
            _check_numbers(words, by_file)
        else:
            _check_leader(words, by_file, stated, world)


def _contradicts_recall(row: Trade, side: Revision, file: FileDay, said: Said, world: World) -> bool:
    """Check that a row calls a trade active that its venue took back: it changes nothing of it."""
    if side.trade.state not in NOT_COUNTED or row.state in NOT_COUNTED:
        return False
    newest_booked = next(one for one in versions(file, world) if one.state in BOOKED_STATES)
    return key_of(row) in said.content_of(newest_booked).about_state


def _is_lost(key: Key, side: Revision, file: FileDay, both: bool) -> bool:
    """Check that a row meets no side of its own, where the daily file of another day may not have decided on it."""
    of_other_days = {other for other in files_of(side) if other.feed == "daily"} - {file}
    decided = file.feed == "daily" and of_other_days and not both
    return side.trade.direction is not key.direction and not decided


def _is_numbered(words: Words, stated: dict[FileDay, list[Trade]]) -> bool:
    trades = [*(word.trade for word in words), *(trade for trades in stated.values() for trade in trades)]
    return any(trade.venue_revision is not None for trade in trades)


def _check_numbers(words: Words, by_file: dict[FileDay, Trade]) -> None:
    """No file that counts has a newer statement of the venue than the book, where that always had a number."""
    numbers = [word.trade.venue_revision for word in words]
    newest_number = max(trade.venue_revision or 0 for trade in by_file.values())
    right = None in numbers or (numbers[-1] or 0) >= newest_number
    must(right, "{} stands, and a file has number {}", words[-1].trade, newest_number)


def _check_leader(
    words: Words, by_file: dict[FileDay, Trade], stated: dict[FileDay, list[Trade]], world: World
) -> None:
    last = words[-1]
    leader = max(by_file, key=lambda file: rank(file, last.trade))
    outranking = {file for file in stated if rank(file, last.trade) > rank(leader, last.trade)} - by_file.keys()
    standing = terms(last.trade)
    right = standing == terms(by_file[leader]) or any(standing in map(terms, stated[file]) for file in outranking)
    right = right or last.number > world.begun[leader].get(last.side_id, 0)  # stated since the file was imported
    # A posted trade is noted by a file that has its id in the other direction, which outranks this one too.
    right = right or (agreeing_file(last) is None and not leads(leader, last))
    must(right, "{} stands, and the file {} leads: {}", last.trade, leader, by_file[leader])


def _ever_stated(said: Said, world: World) -> dict[Key, dict[FileDay, list[Trade]]]:
    stated: dict[Key, dict[FileDay, list[Trade]]] = {}
    for file in said.files:
        for receipt in in_the_book(file, world):
            rows = rows_of(receipt, said, world)
            good = said.content_of(receipt).good
            for key, (line, trade) in good.items():
                # A line of both sides may be quarantined for one of them, and the other is booked.
                both = turned(key) in good and good[turned(key)][0] == line
                if key in rows or both:
                    stated.setdefault(key, {}).setdefault(file, []).append(trade)
    return stated


def _of_side(trade: Trade, ever: dict[Key, dict[FileDay, list[Trade]]], world: World) -> dict[FileDay, list[Trade]]:
    """Return what files ever stated of a side; rows of the other direction speak of it while it is alone."""
    key = key_of(trade)
    alone = len(sides_of(id_of(key), world.book.words)) == 1
    found: dict[FileDay, list[Trade]] = {}
    for one in (key, turned(key)) if alone else (key,):
        for file, trades in ever.get(one, {}).items():
            found[file] = [*found.get(file, ()), *trades]
    return found


def check_dropped_rows(said: Said, world: World) -> None:
    """Every side that all files dropped is named as missing, by its own file or the one that brought it."""
    receipts = {file: receipt for file in said.files if (receipt := newest(file, world)) is not None}
    there = [held for file in said.files for held in _may_hold(file, said, world)]
    ever = _ever_stated(said, world)
    polled = max((file.day for file in said.files), default=date.min) - POLLED
    named = {file: _missing_from(one, world, polled=file.day >= polled) for file, one in receipts.items()}
    for one in sorted({id_of(key) for key in ever}):
        sides = sides_of(one, world.book.words)
        for words in sides:
            last = words[-1]
            key, own, source = key_of(last.trade), executed_on(last.trade), last.source
            own_files = {FileDay(own, file.feed) for file in files_of(last)}
            entitled = {*own_files, *([source.file] if isinstance(source, FromFile) else [])} & receipts.keys()
            known = _known_sides(sides, [receipts[file] for file in entitled])
            held = any(_holds(file, last, known) for file in there)
            if held or last.side_id in said.by_hand:  # a person decides on those
                continue
            stated = _of_side(last.trade, ever, world)
            if not _may_be_dropped(words) or not entitled & stated.keys():
                continue
            if not all(file in receipts and _speaks_for_its_day(receipts[file]) for file in own_files):
                continue
            if len(sides) > 1 and any(_was_turned_by_bad_rows(key, file, said, world) for file in entitled):
                continue
            world.tried["trades dropped by all files"] += 1
            undecided = any(receipts[file].state not in BOOKED_STATES for file in entitled)
            must(undecided or any(key in named[file] for file in entitled), "{} was dropped by all files, unnamed", key)


def _known_sides(sides: Sequence[Words], receipts: Iterable[Receipt]) -> int:
    """Return how many sides a trade had at the last import: a row was about the only one, whatever was posted since."""
    ended = [instant(one.imported_at) for one in receipts if one.imported_at is not None]
    posted = [instant(words[0].recorded_at) for words in sides if isinstance(words[0].source, Posted)]
    return len(sides) - sum(at > max(ended, default=at) - WRONG_CLOCKS for at in posted) or 1


def _was_turned_by_bad_rows(key: Key, file: FileDay, said: Said, world: World) -> bool:
    """Check that a version had only bad rows of the other direction: it named nothing, and no later one knows of it."""
    contents = (said.content_of(receipt) for receipt in in_the_book(file, world))
    return any(key not in one.named and turned(key) in one.named - one.good.keys() for one in contents)


def _speaks_for_its_day(receipt: Receipt) -> bool:
    return receipt.state in BOOKED_STATES and receipt.usable and receipt.stands_for_its_day


def _may_be_dropped(words: Words) -> bool:
    """Check that a row stated a side, and that it counts; of those that were taken back no file is asked again."""
    taken_back = any(word.trade.state in NOT_COUNTED for word in words)
    return any(map(files_of, words)) and not taken_back and not words[-1].withdrawn


def _holds(file: Delivered, side: Revision, sides: int) -> bool:
    rows = file.named | file.good.keys()
    return is_about(rows, key_of(side.trade), sides if may_turn(file, side) else 2)


def _may_hold(file: FileDay, said: Said, world: World) -> Iterator[Delivered]:
    """Return the newest booked version of a file, and those held since."""
    for receipt in versions(file, world):
        if receipt.state in {*IN_THE_BOOK, FileState.HELD}:
            yield said.content_of(receipt)
        if receipt.state in BOOKED_STATES:
            return


def _missing_from(receipt: Receipt, world: World, *, polled: bool) -> set[Key]:
    """Return the sides that a receipt names as missing. One that no poll decides on again may still call them kept."""
    if receipt.confirmed_at is not None:
        return set()
    kinds = {ChangeKind.WITHDRAWN} if polled else {ChangeKind.WITHDRAWN, ChangeKind.KEPT}
    found = (change for change in changes(receipt, world) if change.kind in kinds)
    return {Key(change.venue, change.trade_id, change.direction) for change in found if change.direction}
