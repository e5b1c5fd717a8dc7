"""Random readers of every role: each sees all that is theirs, as it is, and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from chalicelib.access.identity import Identity, Role
from chalicelib.access.model import User
from chalicelib.access.service import add_user, authenticate
from chalicelib.access.user_change import UserChange
from chalicelib.common.errors import NotAllowed, NotFound, NotInV1, Unauthenticated
from chalicelib.feeds.service import list_files
from chalicelib.positions.model import VENUE
from chalicelib.reports.columns import line_json
from chalicelib.reports.service import report_pnl
from chalicelib.trades.model import State, Trade
from chalicelib.trades.reading import Filter, find_trade, list_trades, trade_history, trade_sides, unconfirmed_trades
from chalicelib.trades.revision import Posted, Revision
from chalicelib.trades.side import side_id
from tests.fakes.access import FakeDirectory, FakePasswords
from tests.simulation.completeness import completeness_of
from tests.simulation.delivered import executed_on
from tests.simulation.exchange import TRADERS
from tests.simulation.faults import Run
from tests.simulation.holding import fits_a_row
from tests.simulation.model import Said
from tests.simulation.receipts import newest_rows
from tests.simulation.reckoning import differs, hours_of, label, pieces
from tests.simulation.runs import book_of, shelf_of
from tests.simulation.sides import key_of
from tests.simulation.sums import stands
from tests.simulation.world import World, must

PASSWORD: Final = "a long password"
LOGINS: Final = (
    *((f"login {trader}", Role.TRADER, trader) for trader in TRADERS),
    ("nobody's", Role.TRADER, "trader_9"),
    ("desk", Role.DESK, None),
    ("importer", Role.IMPORTER, None),
    ("admin", Role.ADMIN, None),
)


def add_logins(world: World) -> None:
    """Give everybody a login, and one who may not come in any more; all worlds have the same."""
    world.directory.users = dict(_users())


@lru_cache(maxsize=1)
def _users() -> dict[str, User]:
    directory, passwords = FakeDirectory(), FakePasswords()
    for name, role, trader in LOGINS:
        add_user(name, PASSWORD, role, trader, directory, passwords)
    add_user("gone", PASSWORD, Role.ADMIN, None, directory, passwords)
    directory.change("gone", UserChange(disabled=True))
    return directory.users


def somebody(world: World) -> Identity:
    """Log in as anybody; a wrong password and a disabled login must not get in."""
    name, role, trader = world.choice(LOGINS)
    if world.likely(0.1):
        wrong = world.choice([(name, "a wrong password"), ("gone", PASSWORD), ("no one", PASSWORD)])
        must(_log_in(world, *wrong) is None, "{} came in with {!r}", wrong[0], wrong[1])
    caller = _log_in(world, name, PASSWORD)
    must(caller == Identity(name, role, trader), "{} came in as {}", name, caller)
    assert caller is not None
    return caller


def _log_in(world: World, name: str, password: str) -> Identity | None:
    header = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
    try:
        return authenticate(header, world.directory, world.passwords)
    except Unauthenticated:
        return None


def standing_trades(world: World) -> list[Trade]:
    """Every trade that counts, as the newest words have it."""
    return [words[-1].trade for words in world.book.words.values() if stands(words[-1])]


def read(run: Run, days: Sequence[date], said: Said) -> None:
    """Read something as somebody; nothing else may be under way."""
    world = run.world
    caller = somebody(world)
    chance = world.random()
    if chance < 0.35:
        _read_list(run, caller, world.choice([*days, None]))
    elif chance < 0.75:
        _read_one(run, caller)
    elif chance < 0.8:
        _read_unconfirmed(run, caller, world.choice(days), said)
    elif chance < 0.92:
        _read_report(run, caller, world.choice(days), said)
    else:
        _read_files(run, caller)


def _whose(world: World, caller: Identity) -> tuple[str | None, bool]:
    """Whose book to ask for, and whether it may be read."""
    whose = world.choice([None, caller.trader_id, *TRADERS])
    return whose, caller.role is not Role.TRADER or whose in {None, caller.trader_id}


def _refused(allowed: bool, act: Callable[[], object]) -> bool:
    if allowed:
        return False
    try:
        act()
    except NotAllowed:
        return True
    must(holds=False, what="somebody read a foreign book")
    return True


def _read_list(run: Run, caller: Identity, day: date | None) -> None:
    world = run.world
    whose, allowed = _whose(world, caller)
    which, book = Filter(whose, day), book_of(run)
    if _refused(allowed, lambda: list_trades(which, caller, book, 5, None)):
        return
    limit = 1 + world.below(4) if world.likely(0.5) else None
    seen: list[Trade] = []
    mark = None
    while True:
        part = list_trades(which, caller, book, limit, mark)
        seen += part.trades
        mark = part.next_mark
        if mark is None:
            break
    owner = whose or caller.trader_id
    meant = {
        one.key
        for one in standing_trades(world)
        if owner in {None, one.trader_id} and (day is None or one.delivery_day == day)
    }
    world.shown(caller.trader_id, [one.trader_id for one in seen])
    doubled = len(seen) - len({one.key for one in seen})
    world.tried["trades doubled"] += doubled
    must(not doubled, "a list shows a trade twice")
    must({one.key for one in seen} == meant, "{} sees {}, should see {}", caller, seen, meant)


def _read_one(run: Run, caller: Identity) -> None:
    world = run.world
    trades = {(words[0].trade.venue, words[0].trade.id) for words in world.book.words.values()}
    if not trades:
        return
    venue, one = world.choice(sorted(trades))
    if venue == VENUE:
        _read_in_v1(run, caller, one)
    sides = [words for side in (1, 2) if (words := world.book.words.get(side_id(venue, one, side)))]
    meant = [_readable(words, caller) for words in sides if caller.trader_id in {None, words[-1].trade.trader_id}]
    try:
        found = [list(side) for side in trade_sides(venue, one, caller, book_of(run))]
    except NotFound:
        found = []
    world.shown(caller.trader_id, [word.trade.trader_id for side in found for word in side])
    must(found == meant, "{} sees the sides {}, should see {}", caller, found, meant)


def _read_unconfirmed(run: Run, caller: Identity, day: date, said: Said) -> None:
    """Read which posted trades no file contains: such as a row can state, once the file of their own day came."""
    world, receipts = run.world, shelf_of(run).receipts
    whose, allowed = _whose(world, caller)
    which, book = Filter(whose, day), book_of(run)
    if _refused(allowed, lambda: unconfirmed_trades(which, caller, book, receipts)):
        return
    found = {revision.side_id: revision for revision in unconfirmed_trades(which, caller, book, receipts)}
    world.shown(caller.trader_id, [revision.trade.trader_id for revision in found.values()])
    world.tried["trades in no file"] += len(found)
    owner, newest = whose or caller.trader_id, newest_rows(said, world)
    named = {key.id for files in said.files.values() for file in files for key in file.named}
    for side, words in world.book.words.items():
        last = words[-1]
        key, own = key_of(last.trade), world.receipts.newest([executed_on(last.trade)])
        theirs = last.trade.delivery_day == day and owner in {None, last.trade.trader_id}
        posted = isinstance(last.source, Posted) and stands(last) and _in_v1([last])
        may = theirs and posted and any(receipt.confirms_trades for receipt in own.values())
        may = may and not any(key in rows for rows in newest.values())
        must(may or side not in found, "{} is named as in no file", last)
        must(side in found or not may or key.id in named, "{} is in no file, and not named", last)


def _readable(words: Sequence[Revision], caller: Identity) -> list[Revision]:
    return [word for word in reversed(words) if caller.trader_id in {None, word.trade.trader_id}]


def _in_v1(words: Iterable[Revision]) -> bool:
    return all(fits_a_row(word.trade) and word.trade.state is State.ACTIVE for word in words)


def _read_in_v1(run: Run, caller: Identity, one: str) -> None:
    """Read the first side, which v1 shows where it can state it."""
    world, book = run.world, book_of(run)
    words = world.book.words[one]
    theirs = caller.trader_id is None or words[-1].trade.trader_id == caller.trader_id
    stated = _in_v1(words[-1:])
    try:
        found = find_trade(one, caller, book)
    except NotInV1:
        must(theirs and not stated, "v1 cannot state {}", one)
    except NotFound:
        must(not theirs or (stated and words[-1].withdrawn), "{} cannot see {}", caller, one)
    else:
        world.shown(caller.trader_id, [found.trader_id])
        must(theirs and stated and found == words[-1].trade, "{} sees {}", caller, found)
    own = _readable(words, caller)
    try:
        history = trade_history(one, caller, book)
    except NotInV1:
        must(theirs and not _in_v1(own), "v1 cannot state the history of {}", one)
    except NotFound:
        must(not theirs, "{} cannot see the history of {}", caller, one)
    else:
        world.shown(caller.trader_id, [word.trade.trader_id for word in history])
        must(theirs and _in_v1(own) and list(history) == own, "{} sees the history {}", caller, history)


def _read_files(run: Run, caller: Identity) -> None:
    world = run.world
    receipts, outbox, clock = shelf_of(run).receipts, world.outbox, shelf_of(run).clock
    allowed = caller.role is not Role.TRADER
    if _refused(allowed, lambda: list_files(None, None, caller, receipts, outbox, clock)):
        return
    shown = [filing.receipt for filing in list_files(None, None, caller, receipts, outbox, clock)]
    must(len(shown) == len({one.file_day for one in shown}), "a file day is listed twice")
    must(all(one.version == 0 or one in world.receipts.versions(one.file_day)[:1] for one in shown), "an old receipt")


def _read_report(run: Run, caller: Identity, first: date, said: Said) -> None:
    world = run.world
    whose, allowed = _whose(world, caller)
    last = first + timedelta(days=world.below(2))
    shelf = shelf_of(run)
    if _refused(allowed, lambda: report_pnl(whose, first, last, caller, shelf)):
        return
    at = run.now()
    report = report_pnl(whose, first, last, caller, shelf)
    owner = whose or caller.trader_id
    world.shown(caller.trader_id, [line.label for line in report.traders or ()] or [report.trader_id or "the desk"])
    must(report.trader_id == owner, "{} asked for {} and got {}", caller, whose, report.trader_id)
    theirs = [one for one in standing_trades(world) if owner in {None, one.trader_id}]
    for day in report.days:
        own = [one for one in theirs if one.delivery_day == day.delivery_day]
        parts = [part for one in own for part in pieces(one)]
        references = world.prices.of([day.delivery_day]).get(day.delivery_day, {})
        hours = hours_of(day.delivery_day)
        must([line.label for line in day.periods] == [label(hour) for hour in hours], "hours of {}", day.delivery_day)
        for (hour, times), line in zip(hours.items(), day.periods, strict=True):
            in_hour = [part for in_hour_of, part in parts if in_hour_of == hour]
            must(line.hours == times, "{} of {} has {} hours", line.label, day.delivery_day, line.hours)
            must(line.totals.trades == len(in_hour), "{} has {} trades", line.label, line.totals.trades)
            if in_hour:
                wrong = differs(line_json(line), in_hour, references.get(hour))
                must(wrong is None, "{} of {}: {}", day.delivery_day, owner, wrong)
        meant = completeness_of(day.delivery_day, world, at, said)
        must(
            day.completeness.state.value == meant,
            "{} is {}, should be {}",
            day.delivery_day,
            day.completeness.state,
            meant,
        )
    total = [one for one in theirs if first <= one.delivery_day <= last]
    wrong = differs(line_json(report.total), total)
    must(wrong is None, "{} to {} of {}: {}", first, last, owner, wrong)
    if report.traders is not None:
        must([line.label for line in report.traders] == sorted({one.trader_id for one in total}), "the desk's traders")
        for line in report.traders:
            wrong = differs(line_json(line), [one for one in total if one.trader_id == line.label])
            must(wrong is None, "{} to {} of {}: {}", first, last, line.label, wrong)
