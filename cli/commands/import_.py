"""`voltbook import`: import daily files and print their receipts."""

from __future__ import annotations

from pathlib import Path

import click

from chalicelib.feeds.feed import file_day_of, file_name, near_miss
from cli import exit_codes
from cli.client.connect import open_book
from cli.client.progress import bar
from cli.lazy_group import command
from cli.options import book_options, files_argument
from cli.output.json import Json
from cli.output.listing import write_listing
from cli.render.receipts import COLUMNS, receipts_text, say_advice
from cli.terminal import say


@command(
    "import", "voltbook import samples/epex_trades_20260614.csv", "voltbook import samples/epex_trades_*.csv -o json"
)
@files_argument
@book_options
def import_(files: tuple[Path, ...], output: str | None) -> int:
    """Import daily files, which must have the exchange's names: epex_trades_YYYYMMDD.csv.

    A file can be imported again at any time: each trade is booked once. Prints a
    line for each file, also when piped, unless -o is given. If a file fails, the
    next ones are still imported. The exit code is the worst: 0 all rows booked,
    3 rows quarantined or a file rejected, held or incomplete, 1 failed. 4 and 5
    end the run, since they concern every file.
    """
    _check_names(files)
    book = open_book()
    receipts: list[Json] = []

    def import_one(path: Path) -> int:
        with bar(path.name) as progress:
            receipts.append(book.import_file(path, progress))
        return exit_codes.of_receipt(receipts[-1])

    try:
        return exit_codes.of_files(files, import_one)
    except KeyboardInterrupt:
        say("interrupted: booked rows stay; import the file again to continue")
        return exit_codes.INTERRUPTED
    finally:
        if receipts:
            write_listing(COLUMNS, receipts, receipts_text, output or "table")
        for receipt in receipts:
            say_advice(receipt, output)


def _check_names(files: tuple[Path, ...]) -> None:
    wrong = [path.name for path in files if file_day_of(path.name) is None]
    if wrong:
        meant = {name: day for name in wrong if (day := near_miss(name)) is not None}
        names = ", ".join(
            f"{name!r}{f' (rename it to {file_name(meant[name])})' if name in meant else ''}" for name in wrong
        )
        raise click.BadParameter(
            f"must be named epex_trades_YYYYMMDD.csv, with the file day; got {names}", param_hint="FILE"
        )
