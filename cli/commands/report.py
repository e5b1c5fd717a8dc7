"""`voltbook report`: what a trader or the desk made."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Final

import click

from cli.lazy_group import command
from cli.options import Seconds, days_options, desk_option, which_book
from cli.output.json import Json
from cli.output.options import Manner, manner_of, manner_options
from cli.profiles import ConnectionOptions

_OF_THE_DESK: Final = "--by trader is for the desk's report: leave TRADER out (or add --desk)"


@command(
    "report",
    "voltbook report trader_1 --start-day 2026-06-14 --end-day 2026-06-15",
    "voltbook report --by trader --output desk.xlsx",
)
@click.argument("trader", required=False)
@desk_option
@days_options
@click.option(
    "--by", multiple=True, type=click.Choice(["hour", "day", "trader"]), help="Only these lines; again for more."
)
@click.option(
    "--watch",
    "seconds",
    type=Seconds(),
    is_flag=False,
    flag_value="10",
    metavar="[SECONDS]",
    help="Draw it again every so many seconds (10) until Ctrl-C; TRADER goes first.",
)
@manner_options
@which_book
@click.pass_obj
def report(
    connection: ConnectionOptions,
    trader: str | None,
    desk: bool,
    start_day: date | None,
    end_day: date | None,
    by: tuple[str, ...],
    seconds: int | None,
    output: str | None,
    file: Path | None,
    plain: bool,
    decimal_comma: bool,
) -> int:
    """What a trader made, delivery hour by delivery hour; without TRADER the whole desk.

    Without days it is yesterday in Berlin; of one day only the one is needed.
    """
    from cli.client import connect
    from cli.options import asked_days, asked_trader
    from cli.output.output_file import deliver

    manner = manner_of(output, file, plain=plain, decimal_comma=decimal_comma)
    whose = asked_trader(connection, trader, desk=desk)
    _check(manner, whose, by, seconds)
    start, end = asked_days(start_day, end_day)
    with connect.opened(connection) as book:
        if seconds is not None:
            from cli.live_view import watch

            watch(lambda: str(_shown(book.report(whose, start, end), by, manner)), seconds)
        found = book.report(whose, start, end)
    deliver(_shown(found, by, manner), manner.file)
    return 0


def _shown(found: Json, by: tuple[str, ...], manner: Manner) -> str | bytes:
    from cli.output.grid import of_report
    from cli.output.options import page_of, render
    from cli.render.report import report_table

    if "trader" in by and found["traders"] is None:
        raise click.UsageError(_OF_THE_DESK)
    return render(found, manner, lambda: report_table(found, page_of(manner), by), lambda: of_report(found, by))


def _check(manner: Manner, trader: str | None, by: tuple[str, ...], seconds: int | None) -> None:
    """Refuse what makes no sense before anything is asked for."""
    from cli.terminal import at_terminal

    if by and manner.form == "json":
        raise click.UsageError("--by chooses lines, and json is the whole report: choose there, or take -o csv")
    if "trader" in by and trader is not None:
        raise click.UsageError(_OF_THE_DESK)
    if seconds is None:
        return
    if manner.form != "table" or manner.plain or manner.file is not None:
        raise click.UsageError("--watch draws a table on the terminal: no other format, --plain or --output with it")
    if not at_terminal(sys.stdout):
        raise click.UsageError("--watch needs a terminal to draw on")
