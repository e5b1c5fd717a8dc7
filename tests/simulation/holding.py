"""Which versions of a file somebody must look at before they are booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.common.delivery import BERLIN
from chalicelib.feeds.receipt import FileState, Receipt
from chalicelib.positions.model import VENUE
from chalicelib.trades.model import Trade
from chalicelib.trades.rules import Outcome
from tests.simulation.delivered import BAD_ROWS_ALLOWED, BAD_SHARE, executed_on
from tests.simulation.leading import agreeing_file, files_of
from tests.simulation.receipts import WHICH, in_the_book, rows_of
from tests.simulation.row_effects import current_of, row_effect
from tests.simulation.sides import id_of, met
from tests.simulation.sums import stands
from tests.simulation.world import must

if TYPE_CHECKING:
    from chalicelib.feeds.file_day import FileDay
    from tests.simulation.delivered import Delivered
    from tests.simulation.model import Said
    from tests.simulation.sides import Key
    from tests.simulation.world import World

HOUR: Final = 60
FEWER_PERCENT: Final = 20


def check_judged(receipt: Receipt, said: Said, world: World) -> None:
    """A version that is about to be booked, or is held, is so by the rules, as the book is at this moment."""
    before = next((one for one in in_the_book(receipt.file, world) if one.version != receipt.version), None)
    reason = must_hold(said.content_of(receipt), before, said, world)
    held = receipt.state is FileState.HELD
    world.tried["files held"] += held
    must(held == bool(reason), f"{WHICH} is {{0.state}} ({{0.reason}}), and the model holds: {{1}}", receipt, reason)


def must_hold(file: Delivered, before: Receipt | None, said: Said, world: World) -> str | None:
    """Return why a file must be held, as the book is now; `before` is the version of its day that is in the book."""
    if fewer(file, before):
        return "fewer rows"
    books = before is not None and before.good_rows > 0  # rows whose ids are in use book nothing to protect
    if before is not None and books and _spoke_for_its_day(said.content_of(before)) and file.own < file.other:
        return "another day's rows"
    if not file.rows:
        standing = (one[-1].trade for one in world.book.words.values() if stands(one[-1]))
        executed = any(executed_on(one) == file.file.day and may_state(file.file, one, world) for one in standing)
        return "empty" if before is None and executed else None
    return _of_rows(file, before, said, world)


def _of_rows(file: Delivered, before: Receipt | None, said: Said, world: World) -> str | None:
    words, rows = world.book.words, len(file.good)
    there = {key: current for key in file.good if (current := current_of(key, file, words)) is not None}
    known = {current.trade.key for current in there.values()} | there.keys()  # a row may turn the side
    if file.good and not file.own and len(there) == rows and not _stated_before(file.file, said, world) & known:
        return "a copy"
    outcomes = {key: row_effect(key, file, current).outcome for key, current in there.items()}
    clashing = sum(outcome is Outcome.CLASHED for outcome in outcomes.values())
    if clashing and (clashing == rows or many(clashing, rows)):
        return "ids"
    alone = (key for key in file.good if key not in there and not file.self_traded(id_of(key)))
    if many(sum(met(key, words) is not None for key in alone), rows):
        return "the other direction"
    correcting = [
        key
        for key, current in there.items()
        if outcomes[key] is Outcome.CORRECTED
        and agreeing_file(current) != file.file
        and files_of(current) - {file.file}
    ]
    return "corrects many" if before is None and many(len(correcting), rows) else None


def fewer(file: Delivered, before: Receipt | None) -> bool:
    """Check whether a version has far fewer rows than the one that is in the book."""
    return before is not None and file.rows * 100 < before.rows * (100 - FEWER_PERCENT)


def many(rows: int, of: int) -> bool:
    """Check whether so many rows are too many to be a slip."""
    return rows > BAD_ROWS_ALLOWED and rows * 100 > of * BAD_SHARE


def may_state(file: FileDay, trade: Trade, world: World) -> bool:
    """Check whether a file of this feed can state a trade."""
    if file.feed == "daily":
        return fits_a_row(trade)
    return world.feed_of(file.feed).venue in {None, trade.venue}


def fits_a_row(trade: Trade) -> bool:
    """Check whether a daily file can state a trade, whatever its state: it has whole hours and MW of the exchange.

    Of the two hours that the clock calls 02, a row states the first.
    """
    start, minutes = trade.period
    whole = minutes == HOUR and not start.minute and not start.astimezone(BERLIN).fold and not trade.kw % 1000
    return whole and trade.venue == VENUE


def _spoke_for_its_day(before: Delivered) -> bool:
    return bool(before.good) and before.own >= before.other


def _stated_before(file: FileDay, said: Said, world: World) -> set[Key]:
    return {one for receipt in in_the_book(file, world) for one in rows_of(receipt, said, world)}
