"""`voltbook prices`: import, set and list reference prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from chalicelib.common.delivery import HOUR, QUARTER, Period, slot_rows
from chalicelib.common.fields import InvalidValue
from chalicelib.imports.formats.reference_prices import by_period
from chalicelib.imports.price_format import FilePrice, read_price_file
from chalicelib.prices.model import MAX_PRICES, PRICE_FIELDS, ReferencePrice
from chalicelib.prices.period_price import PERIOD_PRICE_FIELDS, PeriodPrice, read_eur, read_zone
from chalicelib.prices.sets import DESK, SETS
from chalicelib.prices.zones import DE_LU
from cli import exit_codes
from cli.client.connect import open_book
from cli.client.operations import Client
from cli.delivery_period import changed_clocks
from cli.lazy_group import group
from cli.options import DAY, Parsed, book_command, days_options, files_argument
from cli.output.json import Json
from cli.output.listing import write_listing
from cli.render.listings import IMPORT_COLUMNS, count_text, imports_text, period_prices_table, prices_table
from cli.stdin_file import with_stdin
from cli.terminal import say

_NOTHING: Json = {"received": 0, "changed": 0, "unchanged": 0}

_SET = click.Choice(list(SETS))


def _eur(text: str) -> int:
    try:
        return read_eur(text)
    except InvalidValue as error:
        raise ValueError(str(error)) from error


def _zone(text: str) -> str:
    try:
        return read_zone(text)
    except InvalidValue as error:
        raise ValueError(str(error)) from error


EUR = Parsed("EUR", _eur)
ZONE = Parsed("ZONE", _zone)


@group(
    "prices",
    "voltbook prices import samples/reference_prices_20260615.csv",
    "voltbook prices list --start-day 2026-06-15",
)
def prices() -> None:
    """Import, set and list reference prices."""


@book_command(
    "import",
    "voltbook prices import samples/reference_prices_20260615.csv",
    "voltbook prices import samples/reference_prices_*.csv -o json",
    "voltbook prices import - < prices.csv",
    of=prices,
)
@files_argument
def import_(files: tuple[Path, ...], output: str | None) -> int:
    """Import files with the columns delivery_day, delivery_hour and price (whole eurocent/MWh).

    A column `quarter` (0 to 3) makes them prices of quarter-hours, and a price column named `price_eur_mwh` has EUR/MWh
    with decimals. Files with the columns set, zone, start, minutes and price_eur_mwh, as `prices list --set` writes
    them, are read too. A row without a price is skipped.

    A file with an invalid row is rejected as a whole, with all its problems; the next ones are still imported. Periods
    that are not in a file keep their prices. A file can be imported again at any time. Prints a line for each file,
    also when piped, unless -o is given. The exit code is the worst: 0 all imported, 3 a file rejected, 1 failed. 4 and
    5 end the run, since they concern every file.
    """
    with with_stdin(files, "stdin") as paths:
        return _import(paths, output)


def _import(files: tuple[Path, ...], output: str | None) -> int:
    book = open_book()
    imported: list[Json] = []

    def import_one(path: Path) -> int:
        with path.open("rb") as content:
            given = read_price_file(content, path.stat().st_size)
        imported.append({"file": path.name, **_set(given, book)})
        return exit_codes.DONE

    try:
        return exit_codes.of_files(files, import_one)
    finally:
        if imported:
            write_listing(IMPORT_COLUMNS, imported, imports_text, output or "table")


def _set(given: Sequence[FilePrice], book: Client) -> Json:
    by_hour = [price for price in given if isinstance(price, ReferencePrice)]
    if len(by_hour) == len(given) <= MAX_PRICES:
        return book.import_prices(by_hour) if by_hour else _NOTHING
    return book.set_period_prices([one for price in given for one in by_period(price)])


@book_command(
    "set",
    "voltbook prices set 2026-06-15 13:15 52.30",
    "voltbook prices set 2026-06-15 13 48.00 --set da --zone FR",
    of=prices,
)
@click.argument("day", type=DAY)
@click.argument("period")
@click.argument("price", type=EUR)
@click.option("--set", "set_name", type=_SET, metavar="SET", default=DESK, show_default=True, help="Set.")
@click.option("--zone", type=ZONE, default=DE_LU, show_default=True, help="Price zone.")
def set_(day: date, period: str, price: int, set_name: str, zone: str, output: str | None) -> None:
    """Set the price of an hour or a quarter-hour in EUR/MWh; a negative price goes after `--`.

    PERIOD is the start of delivery in Berlin: 13 for an hour, 13:15 for a quarter-hour. The hour that comes twice is
    02A and then 02B, with quarter-hours such as 02:15B.
    """
    periods = {row.period: Period(row.start, row.minutes) for grain in (HOUR, QUARTER) for row in slot_rows(day, grain)}
    stated = periods.get(period) or periods.get(f"0{period}")
    if stated is None:
        form = f"must be an hour or a quarter-hour of {day}, such as 13 or 13:15"
        raise click.BadParameter(f"{form}, got {period!r}{changed_clocks(periods)}", param_hint="PERIOD")
    counts = open_book().set_period_prices([PeriodPrice(set_name, zone, stated, price)])
    write_listing(IMPORT_COLUMNS[1:], [counts], lambda rows: count_text(rows[0]), output or "table")


@book_command(
    "list",
    "voltbook prices list --start-day 2026-06-15",
    "voltbook prices list --start-day 2026-06-13 --end-day 2026-06-16 -o csv",
    "voltbook prices list --set da --start-day 2026-06-15",
    of=prices,
)
@days_options("delivery day")
@click.option("--set", "set_name", type=_SET, metavar="SET", help="List this set, with its quarter-hours.")
@click.option("--zone", type=ZONE, help="List the prices of this price zone, with their quarter-hours.")
def list_(
    start_day: date | None, end_day: date | None, set_name: str | None, zone: str | None, output: str | None
) -> None:
    """List reference prices in order of delivery.

    Without --set and --zone these are the desk's prices by hour, in which quarter-hours have their mean. Default:
    yesterday (Berlin). For a single day, give just one option. The CSV can be imported again.
    """
    book = open_book()
    if set_name is None and zone is None:
        found, columns, table = book.list_prices(start_day, end_day), PRICE_FIELDS, prices_table
    else:
        found = book.list_period_prices(start_day, end_day, set_name, zone)
        columns, table = PERIOD_PRICE_FIELDS, period_prices_table
    if not found:
        say("none" if set_name or zone else "none in the set desk; --set lists another one, such as --set da")
    write_listing(columns, found, table, output)
