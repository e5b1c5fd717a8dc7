"""`voltbook report` and `voltbook scorecard`: the PnL by delivery hour, and how each trader performed."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import wraps
from itertools import chain
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from chalicelib.common import clock
from chalicelib.common.errors import InvalidRequest, NotFound, VoltbookError
from chalicelib.common.printable import shown
from chalicelib.reports.valued_columns import DIMENSIONS
from chalicelib.reports.valued_report import Grain
from cli.client.connect import open_book
from cli.client.operations import Client
from cli.client.report import Shown
from cli.lazy_group import command
from cli.options import SECONDS, days_options, which_book
from cli.output.grid import Grid
from cli.output.listing import output_file, write
from cli.output.options import OutputOptions, page_of, render, report_output_options
from cli.profiles import resolved
from cli.render.report import report_table, scorecard_table
from cli.similar_traders import say_if_unknown
from cli.terminal import at_terminal, say

_PARTS: Final = frozenset({"hour", "day", "trader"})
"""Lines of every report; other names of `--by` are groups, and then the trader is one, too."""
_OF_THE_DESK: Final = "--by trader requires the desk's report: omit TRADER (or add --desk)"


class _Names(click.ParamType[tuple[str, ...]]):
    """Names separated by commas."""

    name = "names"
    _one = click.Choice([*sorted(_PARTS), *(name for name in DIMENSIONS if name not in _PARTS)])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:  # noqa: ANN401 - click's
        if isinstance(value, tuple):
            return value
        return tuple(self._one.convert(name, param, ctx) for name in value.split(","))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before, comma, begun = incomplete.rpartition(",")
        found = self._one.shell_complete(ctx, param, begun)
        return [CompletionItem(f"{before}{comma}{item.value}") for item in found]


def _flat(_ctx: click.Context, _param: click.Parameter, given: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(given)))


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
    "voltbook report --grain quarter",
    "voltbook report --by strategy,area",
)
@click.option(
    "--by",
    type=_Names(),
    multiple=True,
    callback=_flat,
    metavar="NAMES",
    help="Show only these lines: hour, day, trader, or groups by strategy, area and venue. Commas separate names.",
)
@click.option(
    "--grain",
    type=click.Choice([grain.value for grain in Grain]),
    help="Show realised and open value and fees, by hour or quarter-hour; groups show them too.",
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
    trader: str | None,
    start: date,
    end: date,
    by: tuple[str, ...],
    grain: str | None,
    seconds: int | None,
    options: OutputOptions,
) -> None:
    """Show the PnL of a trader by delivery hour; without TRADER, of the whole desk.

    Default: yesterday (Berlin). For a single day, give just one option.

    Tables have the energy bought and sold, and net: of an hour, MWh are also its average power. In CSV and JSON, MW
    add up all trades of a line, also those of a quarter-hour.
    """
    groups = tuple(name for name in by if name in DIMENSIONS) if set(by) - _PARTS else ()
    parts = tuple(name for name in by if name not in groups) + (("group",) if groups else ())
    _check(options, trader, parts, seconds)
    book = open_book()
    valued = bool(grain or groups)

    def read() -> Shown:
        if not valued:
            return book.report(trader, start, end)
        try:
            return book.report_value(trader, start, end, grain or Grain.HOUR.value, ",".join(groups) or None)
        except InvalidRequest as error:
            error.message = _with_options(error.message)
            raise

    if seconds is not None:
        from cli.live_view import watch

        watch(lambda: str(_rendered(read(), parts, options)), seconds)
    found = read()
    if not found.as_cells()["total"]["trades"]:
        _say_where_trades_are("report", trader, book, end)
    in_workbook = options.form == "xlsx" and not valued
    write(_rendered(found, parts, options, _value_if_there(book, trader, start, end) if in_workbook else None))


def _value_if_there(book: Client, trader: str | None, start: date, end: date) -> Shown | None:
    """Return the report with the value for a sheet of its own; None of a book that does not answer with it."""
    try:
        return book.report_value(trader, start, end)
    except NotFound:  # an earlier release
        return None
    except InvalidRequest as error:  # the days are right: of many of them it is too large for the API
        say(f"the workbook has no sheet value: {_with_options(error.message)}")
        return None


def _with_options(message: str) -> str:
    """Return what the API says of a report that is too large, with options in place of its parameters."""
    narrower = message.replace("page through it with limit over HTTP, or ", "")
    return re.sub(r"start_day=(\S+)&end_day=(\S+)", r"--start-day \1 --end-day \2", narrower)


def _say_where_trades_are(command: str, trader: str | None, book: Client, end: date) -> None:
    if trader is not None:
        say_if_unknown(trader, book, end)
    with suppress(VoltbookError):  # only a hint, and a book of an earlier release has no such route
        day = book.newest_day(trader)["newest_day"]
        if day is not None:
            whose = f" {shlex.quote(shown(trader))}" if trader else ""
            say(f"newest day with trades: {day} (voltbook {command}{whose} --start-day {day})")


def _rendered(found: Shown, by: tuple[str, ...], options: OutputOptions, value: Shown | None = None) -> str | bytes:
    from cli.output.grid import of_report, of_value

    cells = found.as_cells()
    if "trader" in by and cells["traders"] is None:
        raise click.UsageError(_OF_THE_DESK)

    def grid() -> Grid:
        if "grain" in cells:
            return of_value(cells, by)
        others = () if value is None else (of_value(value.as_cells(), by),)
        return replace(of_report(cells, by), others=others)

    return render(found.as_json, options, lambda: report_table(cells, page_of(options), by), grid)


def _check(options: OutputOptions, trader: str | None, by: tuple[str, ...], seconds: int | None) -> None:
    if options.form == "json" and set(by) - {"group"}:
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
