"""`voltbook positions`: what is open in each quarter-hour or hour of a delivery day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import click

from chalicelib.common.csv_writer import csv_lines
from cli.client.connect import open_book
from cli.options import DAY, book_command, place_options
from cli.output.listing import Row, chosen, write, write_json
from cli.output.table import fields_table
from cli.similar_traders import say_if_unknown

MINUTES: Final = {"quarter": 15, "hour": 60}
HEADERS: Final = {
    "label": "Delivery",
    "buy_mw": "Buy MW",
    "sell_mw": "Sell MW",
    "net_mw": "Net MW",
    "open_mwh": "Open MWh",
    "cash_eur": "Cash EUR",
    "reference_price": "Reference",
    "window": "Window",
}
OF_HOURS: Final = {
    "label": HEADERS["label"],
    "buy_mwh": "Buy MWh",
    "sell_mwh": "Sell MWh",
    **{name: HEADERS[name] for name in ("open_mwh", "cash_eur", "reference_price", "window")},
}
"""The MW of an hour add up those of its quarter-hours; its MWh are its average power."""
COLUMNS: Final = ("start", "minutes", *HEADERS)
AMOUNTS: Final = frozenset({"minutes", *HEADERS}) - {"label", "window"}


@book_command(
    "positions",
    "voltbook positions",
    "voltbook positions yesterday --trader trader_1 --grain hour",
    "voltbook positions tomorrow --area TTG --strategy solar",
)
@click.argument("day", default="today", type=DAY)
@click.option("--trader", help="Only this trader's positions (default: all that you may see).")
@click.option(
    "--grain", type=click.Choice(list(MINUTES)), default="quarter", help="Length of a row.", show_default=True
)
@place_options("positions")
def positions(
    day: date,
    trader: str | None,
    grain: str,
    venue: str | None,
    area: str | None,
    strategy: str | None,
    output: str | None,
) -> None:
    """Show the positions of a delivery day: bought, sold, and what is still open.

    Default: today (Berlin). A table shows the rows with trades, CSV and JSON all rows of the day.

    A table of hours has their energy, which is also their average power. The MW of an hour in CSV and JSON add up those
    of its quarter-hours.
    """
    book = open_book()
    shown = book.show_positions(day, MINUTES[grain], trader, area, strategy, venue)
    if trader is not None and not any(map(_is_traded, shown["slots"])):
        say_if_unknown(trader, book)
    form = chosen(output)
    if form == "json":
        write_json(shown)
        return
    rows = [_row(slot) for slot in shown["slots"]]
    write(_table(rows, grain) if form == "table" else "".join(csv_lines(COLUMNS, rows, AMOUNTS)))


def _row(slot: Row) -> Row:
    return {**slot, "reference_price": slot["reference"] and slot["reference"]["price_eur_mwh"]}


def _is_traded(slot: Row) -> bool:
    return bool(slot["gross_mw"] != "0")


def _table(rows: Sequence[Row], grain: str) -> str:
    traded = [row for row in rows if _is_traded(row)]
    headers = OF_HOURS if grain == "hour" else HEADERS
    alignment = f"l{'r' * (len(headers) - 2)}l"
    return f"{fields_table(headers, traded, alignment) if traded else 'no trades'}\n"
