"""What a command may ask of a book, whichever way it is reached; the values are those of the API's JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from chalicelib.domain.caller import Role
from chalicelib.domain.reference_price import ReferencePrice
from chalicelib.domain.trade import Trade

Json = dict[str, Any]
Progress = Callable[[int, int], None]
"""Told rows done and rows in all."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """A login to be added."""

    name: str
    role: Role
    trader_id: str | None


class OpenBook(Protocol):
    """Any call may raise a VoltbookError, or UsageError where this way to the book does not offer it."""

    def report(self, trader_id: str | None, start_day: date, end_day: date, /) -> Json:
        """Give the PnL report; no trader means all that is theirs to see."""
        ...

    def scorecard(self, trader_id: str | None, start_day: date, end_day: date, /) -> Json:
        """Give each trader's card; no trader means all that is theirs to see."""
        ...

    def list_trades(self, trader_id: str | None, delivery_day: date | None, /) -> Iterable[Json]:
        """Give all trades that match, read page by page as they are taken."""
        ...

    def show_trade(self, trade_id: str, /) -> Json:
        """Give one trade."""
        ...

    def trade_history(self, trade_id: str, /) -> Sequence[Json]:
        """Give all words on a trade, newest first."""
        ...

    def book_trade(self, trade: Trade, /) -> Json:
        """Book one trade; returns `outcome` (`booked` or `already_there`), `trade`, and `warnings` if there are any."""
        ...

    def import_file(self, path: Path, progress: Progress, /) -> Json:
        """Import a daily file and give its receipt."""
        ...

    def say_prices(self, prices: Sequence[ReferencePrice], /) -> Json:
        """Take reference prices, all or none; gives how many were received, changed and unchanged."""
        ...

    def list_prices(self, start_day: date | None, end_day: date | None, /) -> Sequence[Json]:
        """Give reference prices in the order of delivery; without days yesterday's."""
        ...

    def list_files(self, start_day: date | None, end_day: date | None, /) -> Sequence[Json]:
        """Give the newest receipt of each file day, newest first; without days the last 30."""
        ...

    def show_file(self, file_day: date, version: int | None = None, /) -> Json:
        """Return all that is known of a file day: its newest receipt, every version, every notice.

        Of `version` the receipt holds its quarantined rows and changes, as that of the newest does.
        """
        ...

    def accept_file(self, file_day: date, footer: bool, agrees: Callable[[list[str]], bool], /) -> Json | None:
        """Accept what is open of a file day, if `agrees` says so of all that would be done; None where it does not.

        Returns the receipt.
        """
        ...

    def confirm_withdrawn(self, file_day: date, agrees: Callable[[str], bool], /) -> Json | None:
        """Withdraw what a file day's newest version lacks, if who is asked `agrees`; None where they do not.

        Gives the receipt. Nobody is asked where there is nothing to withdraw.
        """
        ...

    def check(self, at: datetime | None, /) -> Json:
        """Look for daily files once, now or as if it were `at`; gives what was imported, late and told."""
        ...

    def list_notices(self, days: int, /) -> Sequence[Json]:
        """Give the notices on the last so many file days and today's, newest first."""
        ...

    def morning(self, delivery_day: date, /) -> Json:
        """Give the morning mail of a day as it would be written now, and which letters about it went out so far."""
        ...

    def add_user(self, new: NewUser, ask_password: Callable[[], str], /) -> Json:
        """Add a login; the password is asked for only where logins can be added."""
        ...

    def list_users(self) -> Sequence[Json]:
        """Give all logins by name."""
        ...

    def set_password(self, name: str, ask_password: Callable[[], str], /) -> None:
        """Give a login a new password, which is asked for only where that can be done."""
        ...

    def disable_user(self, name: str, /) -> None:
        """Shut a login out."""
        ...

    def verify(self) -> Json:
        """Walk the whole book; gives what was counted, a digest of what stands, and every deviation."""
        ...

    def rebuild_positions(self) -> Json:
        """Put positions right from the trades; gives what was mended."""
        ...

    def export_all(self, folder: Path, /) -> Json:
        """Write every table to a folder; gives the items of each."""
        ...

    def import_all(self, folder: Path, /) -> Json:
        """Take every table from a folder; gives the items of each."""
        ...

    def list_audit(self, days: int, /) -> Sequence[Json]:
        """Give what administrators did in the last so many days and today, newest first."""
        ...
