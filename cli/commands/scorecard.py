"""`voltbook scorecard`: how each trader performed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cli.lazy_group import command
from cli.options import days_options, desk_option, which_book
from cli.output.options import report_output_options, resolve_output
from cli.profiles import ConnectionOptions


@command(
    "scorecard",
    "voltbook scorecard --start-day 2026-06-14 --end-day 2026-06-16",
    "voltbook scorecard trader_1 --start-day 2026-06-15 -o json",
)
@click.argument("trader", required=False)
@desk_option
@days_options("delivery day")
@report_output_options
@which_book
@click.pass_obj
def scorecard(
    connection: ConnectionOptions,
    trader: str | None,
    desk: bool,
    start_day: date | None,
    end_day: date | None,
    output: str | None,
    file: Path | None,
    plain: bool,
    decimal_comma: bool,
) -> None:
    """Show how each trader and the whole desk performed; with TRADER, only that one.

    The hit rate is the share of traded hours with a gain. The drawdown is the
    largest fall of the cumulative daily PnL from its highest value, starting at 0.
    Default: yesterday (Berlin). For a single day, give just one option.
    """
    from cli.client import connect
    from cli.options import asked_days, asked_trader
    from cli.output.grid import of_scorecard
    from cli.output.options import page_of, render
    from cli.output.output_file import deliver
    from cli.render.report import scorecard_table

    options = resolve_output(output, file, plain=plain, decimal_comma=decimal_comma)
    with connect.opened(connection) as book:
        found = book.scorecard(asked_trader(connection, trader, desk=desk), *asked_days(start_day, end_day))
    table = render(found, options, lambda: scorecard_table(found, page_of(options)), lambda: of_scorecard(found))
    deliver(table, options.file)
