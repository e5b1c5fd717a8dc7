"""The book reached through the services, as the operator of its stage: no login, an admin's rights."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from chalicelib import wiring
from chalicelib.domain.caller import Caller, Role, User
from chalicelib.domain.delivery import berlin_day
from chalicelib.domain.receipt import Receipt
from chalicelib.domain.reference_price import ReferencePrice
from chalicelib.domain.trade import Trade
from chalicelib.domain.trade_warnings import trade_warnings, warnings_member
from chalicelib.ports import Receipts
from chalicelib.services import access, booking, filing, mailing, pricing, reading, reporting
from chalicelib.services.desk import Desk
from cli.client.aws_errors import told_plainly
from cli.client.interface import Json, NewUser, Progress

PAGE: Final = 5_000


class DirectBook:
    """See `open_book.OpenBook`; `before_desk` is called before the bucket and the topic are first needed."""

    def __init__(self, before_desk: Callable[[], None] | None = None) -> None:
        self._before_desk = before_desk
        self._caller = Caller(operator(), Role.ADMIN)

    @told_plainly
    def report(self, trader_id: str | None, start_day: date, end_day: date) -> Json:
        """Give the PnL report."""
        return reporting.report_pnl(trader_id, start_day, end_day, self._caller, wiring.shelf()).as_json()

    @told_plainly
    def scorecard(self, trader_id: str | None, start_day: date, end_day: date) -> Json:
        """Give the scorecard."""
        return reporting.report_scorecard(trader_id, start_day, end_day, self._caller, wiring.shelf()).as_json()

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
        return [revision.as_json() for revision in reading.trade_history(trade_id, self._caller, wiring.book())]

    @told_plainly
    def book_trade(self, trade: Trade) -> Json:
        """Book one trade."""
        booked = booking.book_trade(trade, self._caller, wiring.book(), wiring.clock())
        warnings = trade_warnings(booked.trade, wiring.clock().now(), wiring.exchange_limits())
        return {"outcome": booked.outcome.value, "trade": booked.trade.as_fields(), **warnings_member(warnings)}

    @told_plainly
    def import_file(self, path: Path, progress: Progress) -> Json:
        """Import a daily file."""
        from cli.client.file_import import import_file

        desk = self._desk(path.name)
        return whole(import_file(path, desk, progress), desk.receipts)

    @told_plainly
    def say_prices(self, prices: Sequence[ReferencePrice]) -> Json:
        """Take reference prices."""
        return dict(pricing.say_prices(prices, self._caller, wiring.prices(), wiring.clock()).as_json())

    @told_plainly
    def list_prices(self, start_day: date | None, end_day: date | None) -> Sequence[Json]:
        """Give reference prices."""
        return [one.as_fields() for one in pricing.list_prices(start_day, end_day, wiring.prices(), wiring.clock())]

    @told_plainly
    def list_files(self, start_day: date | None, end_day: date | None) -> Sequence[Json]:
        """Give the newest receipts."""
        stores = (wiring.receipts(), wiring.outbox(), wiring.clock())
        return [line.as_json() for line in filing.list_files(start_day, end_day, self._caller, *stores)]

    @told_plainly
    def show_file(self, file_day: date, version: int | None = None) -> Json:
        """Return all that is known of a file day, every row and change of it."""
        shown = filing.show_file(file_day, self._caller, wiring.receipts(), wiring.outbox(), version)
        return shown.as_json(most=sys.maxsize)

    @told_plainly
    def accept_file(self, file_day: date, footer: bool, agrees: Callable[[list[str]], bool]) -> Json | None:
        """Accept what is open of a file day."""
        from chalicelib.services.accepting import accept, propose

        desk = self._desk(f"accept {file_day}")
        proposal = propose(file_day, desk, footer=footer)
        if not agrees(list(proposal.steps)):
            return None
        return whole(accept(file_day, self._caller.name, desk, proposal.version, footer=footer), desk.receipts)

    @told_plainly
    def confirm_withdrawn(self, file_day: date, agrees: Callable[[str], bool]) -> Json | None:
        """Withdraw what a file day's newest version lacks."""
        from chalicelib.services.confirming import confirm_withdrawn
        from cli.client.file_import import question

        desk = self._desk(f"confirm {file_day}")
        newest = desk.receipts.newest([file_day]).get(file_day)
        asked = question(newest)
        if asked is not None and not agrees(asked):
            return None
        meant = newest.version if newest else None
        return whole(confirm_withdrawn(file_day, self._caller.name, desk, meant), desk.receipts)

    @told_plainly
    def check(self, at: datetime | None) -> Json:
        """Look for daily files once."""
        from cli.client.poll_once import look_once

        desk = self._desk("check")
        return look_once(desk, wiring.prices(), wiring.price_files(), at or desk.clock.now())

    @told_plainly
    def list_notices(self, days: int) -> Sequence[Json]:
        """Give the newest notices."""
        today = berlin_day(wiring.clock().now())
        found = wiring.outbox().of([today - timedelta(days=back) for back in range(-1, days + 1)])
        return [notice.as_json() for notice in reversed(found)]

    @told_plainly
    def morning(self, delivery_day: date) -> Json:
        """Give the morning mail."""
        mail, letters = mailing.mail_as_of_now(delivery_day, wiring.shelf(), wiring.mail_bag())
        return mail.as_json() | {"letters": [letter.as_json() for letter in letters]}

    @told_plainly
    def add_user(self, new: NewUser, ask_password: Callable[[], str]) -> Json:
        """Add a login."""
        stores = (wiring.directory(), wiring.passwords())
        return login(access.add_user(new.name, ask_password(), new.role, new.trader_id, *stores, self._caller.name))

    @told_plainly
    def list_users(self) -> Sequence[Json]:
        """Give all logins."""
        return [login(user) for user in access.list_users(wiring.directory())]

    @told_plainly
    def set_password(self, name: str, ask_password: Callable[[], str]) -> None:
        """Give a login a new password."""
        access.set_password(name, ask_password(), wiring.directory(), wiring.passwords(), self._caller.name)

    @told_plainly
    def disable_user(self, name: str) -> None:
        """Shut a login out."""
        access.disable_user(name, wiring.directory(), self._caller.name)

    @told_plainly
    def verify(self) -> Json:
        """Walk the whole book."""
        from chalicelib.services.verifying import Shelf, verify

        desk = self._desk("verify")
        return verify(wiring.ledger(), Shelf(desk.receipts, desk.store, desk.book)).as_json()

    @told_plainly
    def rebuild_positions(self) -> Json:
        """Put positions right from the trades."""
        from chalicelib.services.rebuilding import rebuild_positions

        return rebuild_positions(wiring.ledger(), self._caller.name).as_json()

    @told_plainly
    def export_all(self, folder: Path) -> Json:
        """Write every table to a folder."""
        from chalicelib.services.moving import export_all
        from cli.client.progress import counted

        return export_all(folder, wiring.whole_tables(), counted).as_json()

    @told_plainly
    def import_all(self, folder: Path) -> Json:
        """Take every table from a folder."""
        from chalicelib.services.moving import import_all
        from cli.client.progress import counted

        return import_all(folder, wiring.whole_tables(), counted, self._caller.name).as_json()

    @told_plainly
    def list_audit(self, days: int) -> Sequence[Json]:
        """Give what administrators did."""
        today = wiring.clock().now().date()
        return [entry.as_json() for entry in wiring.audit().entries(today - timedelta(days=days), today)]

    def _desk(self, purpose: str) -> Desk:
        if self._before_desk is not None:
            self._before_desk()
            self._before_desk = None
        return wiring.desk(f"{self._caller.name} {purpose}")

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


def whole(receipt: Receipt, receipts: Receipts) -> Json:
    """Give a receipt with its quarantined rows and its changes."""
    version = (receipt.file_day, receipt.version)
    return receipt.as_json(receipts.quarantine(*version), receipts.changes(*version))
