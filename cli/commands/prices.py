"""`voltbook prices`: import and list reference prices."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from chalicelib.imports.formats import read_price_file
from chalicelib.prices.model import PRICE_FIELDS
from cli import exit_codes
from cli.client.connect import open_book
from cli.lazy_group import group
from cli.options import book_command, days_options, files_argument
from cli.output.json import Json
from cli.output.listing import write_listing
from cli.render.listings import IMPORT_COLUMNS, imports_text, prices_table
from cli.stdin_file import with_stdin
from cli.terminal import say


@group(
    "prices",
    "voltbook prices import samples/reference_prices_20260615.csv",
    "voltbook prices list --start-day 2026-06-15",
)
def prices() -> None:
    """Import and list reference prices by delivery hour."""


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

    A file with an invalid row is rejected as a whole, with all its problems; the next ones are still imported. Hours
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
        imported.append({"file": path.name, **book.import_prices(given)})
        return exit_codes.DONE

    try:
        return exit_codes.of_files(files, import_one)
    finally:
        if imported:
            write_listing(IMPORT_COLUMNS, imported, imports_text, output or "table")


@book_command(
    "list",
    "voltbook prices list --start-day 2026-06-15",
    "voltbook prices list --start-day 2026-06-13 --end-day 2026-06-16 -o csv",
    of=prices,
)
@days_options("delivery day")
def list_(start_day: date | None, end_day: date | None, output: str | None) -> None:
    """List reference prices in order of delivery.

    Default: yesterday (Berlin). For a single day, give just one option. The CSV can be imported again.
    """
    found = open_book().list_prices(start_day, end_day)
    if not found:
        say("none")
    write_listing(PRICE_FIELDS, found, prices_table, output)
