"""The book reached through the services, as the operator of its stage: no login, an admin's rights."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from chalicelib import wiring
from chalicelib.domain.caller import Caller, Role, User
from chalicelib.domain.revision import Posted, Revision, Source
from chalicelib.domain.trade import Trade
from chalicelib.services import access, booking, reading, reporting
from cli.aws_failures import told_plainly
from cli.open_book import Json, NewUser, Progress

PAGE: Final = 5_000


class DirectBook:
    """See `open_book.OpenBook`; `before_files` is called before the bucket is first needed."""

    def __init__(self, before_files: Callable[[], None] | None = None) -> None:
        self._before_files = before_files
        self._caller = Caller(operator(), Role.ADMIN)

    @told_plainly
    def report(self, trader_id: str | None, start_day: date, end_day: date) -> Json:
        """Give the PnL report."""
        stores = (wiring.book(), wiring.receipts(), wiring.clock())
        return reporting.report_pnl(trader_id, start_day, end_day, self._caller, *stores).as_json()

    def list_trades(self, trader_id: str | None, delivery_day: date | None) -> Iterator[Json]:
        """Give all trades that match, a page at a time."""
        which, mark, first = reading.Filter(trader_id, delivery_day), None, True
        while first or mark is not None:
            trades, mark = self._page(which, mark)
            first = False
            yield from (trade.as_fields() for trade in trades)

    @told_plainly
    def show_trade(self, trade_id: str) -> Json:
        """Give one trade."""
        return reading.find_trade(trade_id, self._caller, wiring.book()).as_fields()

    @told_plainly
    def trade_history(self, trade_id: str) -> Sequence[Json]:
        """Give all words on a trade."""
        return [word(revision) for revision in reading.trade_history(trade_id, self._caller, wiring.book())]

    @told_plainly
    def book_trade(self, trade: Trade) -> tuple[str, Json]:
        """Book one trade."""
        booked = booking.book_trade(trade, self._caller, wiring.book(), wiring.clock())
        return booked.outcome.value, booked.trade.as_fields()

    @told_plainly
    def import_file(self, path: Path, progress: Progress) -> Json:
        """Import a daily file."""
        from cli.file_import import import_file

        if self._before_files is not None:
            self._before_files()
            self._before_files = None
        desk = wiring.desk(f"{self._caller.name} {path.name}")
        receipt = import_file(path, desk, progress)
        return receipt.as_json(tuple(desk.receipts.quarantine(receipt.file_day, receipt.version)))

    @told_plainly
    def add_user(self, new: NewUser, ask_password: Callable[[], str]) -> Json:
        """Add a login."""
        stores = (wiring.directory(), wiring.passwords())
        return login(access.add_user(new.name, ask_password(), new.role, new.trader_id, *stores))

    @told_plainly
    def list_users(self) -> Sequence[Json]:
        """Give all logins."""
        return [login(user) for user in access.list_users(wiring.directory())]

    @told_plainly
    def disable_user(self, name: str) -> None:
        """Shut a login out."""
        access.disable_user(name, wiring.directory())

    @told_plainly
    def _page(self, which: reading.Filter, mark: str | None) -> tuple[Sequence[Trade], str | None]:
        found = reading.list_trades(which, self._caller, wiring.book(), PAGE, mark)
        return found.trades, found.next_mark


def operator() -> str:
    """Name the person at the terminal for the book's records."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):
        return "operator:unknown"


def login(user: User) -> Json:
    """Give a login as the command shows it, its hash left out."""
    caller = user.caller
    return {
        "name": caller.name,
        "role": caller.role.value,
        "trader_id": caller.trader_id,
        "disabled": user.disabled,
    }


def word(revision: Revision) -> Json:
    """Give one word on a trade: which, when it was said, by whom, and the trade's fields."""
    said = {
        "revision": revision.number,
        "said_at": revision.said_at,
        "source": _source(revision.source),
    }
    return said | revision.trade.as_fields()


def _source(source: Source) -> str:
    if isinstance(source, Posted):
        return f"posted by {source.user}"
    return f"file of {source.file_day}, version {source.version}, line {source.line}"
