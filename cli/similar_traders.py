"""A hint for a trader without any trade, whose name may be misspelt."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import click

from chalicelib.common import clock
from chalicelib.common.errors import VoltbookError
from cli.options import DAY
from cli.terminal import say

if TYPE_CHECKING:
    from cli.client.operations import Client

_DAYS: Final = 31
"""The traders of so many days are the known ones."""


def say_if_unknown(trader: str, book: Client, last: date | None = None) -> None:
    """Write to stderr that the book has no such trader, with similar ones that this login may see.

    Raise UsageError if the name is a day instead.
    """
    with suppress(VoltbookError):  # only a hint
        if any(True for _ in book.list_trades(trader, None)):
            return
        if _is_day(trader):
            raise click.UsageError(f"there is no trader {trader!r} in the book; for the day: {_command_for(trader)}")
        end = last or clock.yesterday(clock.clock())
        # A trader's login gets its own report, without a list of traders.
        lines = book.report(None, end - timedelta(days=_DAYS - 1), end).as_cells()["traders"] or ()
        names = {line["label"].casefold(): line["label"] for line in lines}
        similar = [names[name] for name in get_close_matches(trader.casefold(), names)]
        hint = f"; did you mean {' or '.join(similar)}?" if similar else " in the book"
        say(f"no trader {trader!r}{hint}")


def _is_day(text: str) -> bool:
    with suppress(click.BadParameter):
        DAY.convert(text, None, None)
        return True
    return False


def _command_for(day: str) -> str:
    context = click.get_current_context()
    option = "--start-day " if "start_day" in context.params else ""
    return f"{context.command_path} {option}{day}"
