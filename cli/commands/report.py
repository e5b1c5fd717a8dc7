"""`voltbook report`: the PnL of a trader or the desk."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Final

import click

from cli.lazy_group import command
from cli.options import Seconds, days_options, desk_option, which_book
from cli.output.json import Json
from cli.output.options import OutputOptions, report_output_options, resolve_output
from cli.profiles import ConnectionOptions

_OF_THE_DESK: Final = "--by trader requires the desk's report: omit TRADER (or add --desk)"


@command(
    "report",
    "voltbook report trader_1 --start-day 2026-06-14 --end-day 2026-06-15",
    "voltbook report --by trader --output desk.xlsx",
)
@click.argument("trader", required=False)
@desk_option
@days_options("delivery day")
@click.option(
    "--by", multiple=True, type=click.Choice(["hour", "day", "trader"]), help="Show only these lines. Can be repeated."
)
@click.option(
    "--watch",
    "seconds",
    type=Seconds(),
    is_flag=False,
    flag_value="10",
    metavar="[SECONDS]",
    help="Refresh every SECONDS (default: 10) until Ctrl-C. TRADER must come first.",
)
@report_output_options
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
) -> None:
    """Show the PnL of a trader by delivery hour; without TRADER, of the whole desk.

    Default: yesterday (Berlin). For a single day, give just one option.
    """
    from cli.client import connect
    from cli.options import asked_days, asked_trader
    from cli.output.output_file import deliver

    options = resolve_output(output, file, plain=plain, decimal_comma=decimal_comma)
    whose = asked_trader(connection, trader, desk=desk)
    _check(options, whose, by, seconds)
    start, end = asked_days(start_day, end_day)
    with connect.opened(connection) as book:
        if seconds is not None:
            from cli.live_view import watch

            watch(lambda: str(_shown(book.report(whose, start, end), by, options)), seconds)
        found = book.report(whose, start, end)
    deliver(_shown(found, by, options), options.file)


def _shown(found: Json, by: tuple[str, ...], options: OutputOptions) -> str | bytes:
    from cli.output.grid import of_report
    from cli.output.options import page_of, render
    from cli.render.report import report_table

    if "trader" in by and found["traders"] is None:
        raise click.UsageError(_OF_THE_DESK)
    return render(found, options, lambda: report_table(found, page_of(options), by), lambda: of_report(found, by))


def _check(options: OutputOptions, trader: str | None, by: tuple[str, ...], seconds: int | None) -> None:
    from cli.terminal import at_terminal

    if by and options.form == "json":
        raise click.UsageError("--by does not apply to json, which is the whole report: use -o csv")
    if "trader" in by and trader is not None:
        raise click.UsageError(_OF_THE_DESK)
    if seconds is None:
        return
    if options.form != "table" or options.plain or options.file is not None:
        raise click.UsageError("--watch draws a table on the terminal: it excludes other formats, --plain and --output")
    if not at_terminal(sys.stdout):
        raise click.UsageError("--watch needs a terminal")
