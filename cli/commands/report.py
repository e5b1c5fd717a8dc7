"""`voltbook report`: what a trader or the desk made."""

from __future__ import annotations

from datetime import date

import click

from cli.help import command
from cli.options import Day, Wish, output_option, which_book


@command(
    "report",
    "voltbook report trader_1 --start-day 2026-06-14 --end-day 2026-06-15",
    "voltbook report -o json",
)
@click.argument("trader", required=False)
@click.option("--start-day", "--start_day", "start_day", type=Day(), help="First delivery day, in Berlin.")
@click.option("--end-day", "--end_day", "end_day", type=Day(), help="Last delivery day, itself included.")
@output_option
@which_book
@click.pass_obj
def report(wish: Wish, trader: str | None, start_day: date | None, end_day: date | None, output: str | None) -> int:
    """What a trader made, delivery hour by delivery hour; without TRADER the whole desk.

    Without days it is yesterday in Berlin; of one day only the one is needed.
    """
    from chalicelib import wiring
    from chalicelib.domain.report_rows import report_csv
    from chalicelib.services.reporting import yesterday
    from cli import books
    from cli.render.output import chosen, write
    from cli.render.report import report_json, report_table
    from cli.terminal import in_colour

    start = start_day or end_day or yesterday(wiring.clock())
    with books.opened(wish) as book:
        found = book.report(trader, start, end_day or start)
    form = chosen(output)
    if form == "table":
        write(report_table(found, colour=in_colour()))
    else:
        write(report_json(found) if form == "json" else report_csv(found))
    return 0
