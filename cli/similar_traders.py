"""A hint for a trader without any trade, whose name may be misspelt."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from chalicelib.common import clock
from chalicelib.common.errors import VoltbookError
from cli.terminal import say

if TYPE_CHECKING:
    from cli.client.operations import Client

_DAYS: Final = 31
"""The traders of so many days are the known ones."""


def say_if_unknown(trader: str, book: Client, last: date | None = None) -> None:
    """Write to stderr that the book has no such trader, with similar ones that this login may see."""
    with suppress(VoltbookError):  # only a hint
        if any(True for _ in book.list_trades(trader, None)):
            return
        end = last or clock.yesterday(clock.clock())
        # A trader's login gets its own report, without a list of traders.
        lines = book.report(None, end - timedelta(days=_DAYS - 1), end).as_cells()["traders"] or ()
        names = {line["label"].casefold(): line["label"] for line in lines}
        similar = [names[name] for name in get_close_matches(trader.casefold(), names)]
        hint = f"; did you mean {' or '.join(similar)}?" if similar else " in the book"
        say(f"no trader {trader!r}{hint}")
