"""`voltbook report` and `voltbook scorecard`: the PnL by delivery hour, and how each trader performed."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import wraps
from typing import Any, Final

import click

from chalicelib.common import clock
from chalicelib.common.errors import VoltbookError
from chalicelib.common.printable import shown
from cli.client.connect import open_book
from cli.client.operations import Client
from cli.client.report import Shown
from cli.lazy_group import command
from cli.options import SECONDS, days_options, which_book
from cli.output.listing import output_file, write
from cli.output.options import OutputOptions, page_of, render, report_output_options
from cli.profiles import resolved
from cli.render.report import report_table, scorecard_table
from cli.similar_traders import say_if_unknown
from cli.terminal import at_terminal, say

_OF_THE_DESK: Final = "--by trader requires the desk's report: omit TRADER (or add --desk)"


def _report_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add TRADER, the days, the output and the book. Pass the trader, None for the desk, and both ends of the range."""

    @wraps(command)
    def chosen(
        *, trader: str | None, desk: bool, start_day: date | None, end_day: date | None, **others: object
    ) -> None:
        if desk and trader is not None:
            raise click.UsageError("TRADER and --desk exclude each other: give one of them")
        trader = None if desk else trader or resolved().trader
        start = start_day or end_day or clock.yesterday(clock.clock())
        command(trader=trader, start=start, end=end_day or start, **others)

    desk = click.option("--desk", is_flag=True, help="Report on the whole desk, even if the profile names a trader.")
    named = click.argument("trader", required=False)
    added: Callable[..., Any] = chosen
    for option in (which_book, report_output_options, days_options("delivery day"), desk, named):
        added = option(added)
    return added


@command(
    "report",
    "voltbook report trader_1 --start-day 2026-06-14 --end-day 2026-06-15",
    "voltbook report --by trader --output desk.xlsx",
)
@click.option(
    "--by", multiple=True, type=click.Choice(["hour", "day", "trader"]), help="Show only these lines. Can be repeated."
)
@click.option(
    "--watch",
    "seconds",
    type=SECONDS,
    is_flag=False,
    flag_value="10",
    metavar="[SECONDS]",
    help="Refresh every SECONDS (default: 10) until Ctrl-C. TRADER must come first.",
)
@_report_options
def report(
    trader: str | None, start: date, end: date, by: tuple[str, ...], seconds: int | None, options: OutputOptions
) -> None:
    """Show the PnL of a trader by delivery hour; without TRADER, of the whole desk.

    Default: yesterday (Berlin). For a single day, give just one option.
    """
    _check(options, trader, by, seconds)
    book = open_book()
    if seconds is not None:
        from cli.live_view import watch

        watch(lambda: str(_rendered(book.report(trader, start, end), by, options)), seconds)
    found = book.report(trader, start, end)
    if not found.as_cells()["total"]["trades"]:
        _say_where_trades_are("report", trader, book, end)
    write(_rendered(found, by, options))


def _say_where_trades_are(command: str, trader: str | None, book: Client, end: date) -> None:
    if trader is not None:
        say_if_unknown(trader, book, end)
    with suppress(VoltbookError):  # only a hint, and a book of an earlier release has no such route
        day = book.newest_day(trader)["newest_day"]
        if day is not None:
            whose = f" {shlex.quote(shown(trader))}" if trader else ""
            say(f"newest day with trades: {day} (voltbook {command}{whose} --start-day {day})")


def _rendered(found: Shown, by: tuple[str, ...], options: OutputOptions) -> str | bytes:
    from cli.output.grid import of_report

    cells = found.as_cells()
    if "trader" in by and cells["traders"] is None:
        raise click.UsageError(_OF_THE_DESK)
    return render(
        found.as_json, options, lambda: report_table(cells, page_of(options), by), lambda: of_report(cells, by)
    )


def _check(options: OutputOptions, trader: str | None, by: tuple[str, ...], seconds: int | None) -> None:
    if by and options.form == "json":
        raise click.UsageError("--by does not apply to json, which is the whole report: use -o csv")
    if "trader" in by and trader is not None:
        raise click.UsageError(_OF_THE_DESK)
    if seconds is None:
        return
    if options.form != "table" or options.plain or output_file() is not None:
        raise click.UsageError("--watch draws a table on the terminal: it excludes other formats, --plain and --output")
    if not at_terminal(sys.stdout):
        raise click.UsageError("--watch needs a terminal")


@command(
    "scorecard",
    "voltbook scorecard --start-day 2026-06-14 --end-day 2026-06-16",
    "voltbook scorecard trader_1 --start-day 2026-06-15 -o json",
)
@_report_options
def scorecard(trader: str | None, start: date, end: date, options: OutputOptions) -> None:
    """Show how each trader and the whole desk performed; with TRADER, only that one.

    The hit rate is the share of traded hours with a gain. The drawdown is the largest fall of the cumulative daily PnL
    from its highest value, starting at 0. Default: yesterday (Berlin). For a single day, give just one option.
    """
    from cli.output.grid import of_scorecard

    book = open_book()
    found = book.scorecard(trader, start, end)
    cells = found.as_cells()
    if not cells["total"]["trades"]:
        _say_where_trades_are("scorecard", trader, book, end)
    write(render(found.as_json, options, lambda: scorecard_table(cells, page_of(options)), lambda: of_scorecard(cells)))
