"""`voltbook scorecard`: how each trader did."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cli.lazy_group import command
from cli.options import days_options, desk_option, which_book
from cli.output.options import manner_of, manner_options
from cli.profiles import ConnectionOptions


@command(
    "scorecard",
    "voltbook scorecard --start-day 2026-06-14 --end-day 2026-06-16",
    "voltbook scorecard trader_1 --start-day 2026-06-15 -o json",
)
@click.argument("trader", required=False)
@desk_option
@days_options
@manner_options
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
) -> int:
    """How each trader did, and all of them together; with TRADER only the one.

    The hit rate is hours with a gain of hours with trades; the drawdown is the
    deepest fall of the daily PnL's sum from its highest so far, beginning at 0.
    Without days it is yesterday in Berlin; of one day only the one is needed.
    """
    from cli.client import connect
    from cli.options import asked_days, asked_trader
    from cli.output.grid import of_scorecard
    from cli.output.options import page_of, render
    from cli.output.output_file import deliver
    from cli.render.scorecard import scorecard_table

    manner = manner_of(output, file, plain=plain, decimal_comma=decimal_comma)
    with connect.opened(connection) as book:
        found = book.scorecard(asked_trader(connection, trader, desk=desk), *asked_days(start_day, end_day))
    table = render(found, manner, lambda: scorecard_table(found, page_of(manner)), lambda: of_scorecard(found))
    deliver(table, manner.file)
    return 0
