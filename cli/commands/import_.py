"""`voltbook import`: import daily files and print their receipts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.lazy_group import command
from cli.options import book_options, files_argument
from cli.profiles import ConnectionOptions

if TYPE_CHECKING:
    from cli.client.operations import Client


@command(
    "import", "voltbook import samples/epex_trades_20260614.csv", "voltbook import samples/epex_trades_*.csv -o json"
)
@files_argument
@book_options
def import_(connection: ConnectionOptions, files: tuple[Path, ...], output: str | None) -> int:
    """Import daily files, which must have the exchange's names: epex_trades_YYYYMMDD.csv.

    A file can be imported again at any time: each trade is booked once. Prints a
    line for each file, also when piped, unless -o is given. If a file fails, the
    next ones are still imported. The exit code is the worst: 0 all rows booked,
    3 rows quarantined or a file rejected, held or incomplete, 1 failed. 4 and 5
    end the run, since they concern every file.
    """
    from cli import exit_codes
    from cli.client import connect
    from cli.output.listing import write_listing
    from cli.render.receipts import COLUMNS, receipts_text, say_advice
    from cli.terminal import say

    _check_names(files)
    receipts: list[dict[str, Any]] = []
    code = exit_codes.DONE
    with connect.opened(connection) as book:
        try:
            for path in files:
                code = exit_codes.worst(code, _import(book, path, receipts))
        except KeyboardInterrupt:
            say("interrupted: booked rows stay; import the file again to continue")
            code = exit_codes.INTERRUPTED
        finally:
            if receipts:
                write_listing(COLUMNS, receipts, receipts_text, output or "table")
            for receipt in receipts:
                say_advice(receipt, output)
    return code


def _import(book: Client, path: Path, receipts: list[dict[str, Any]]) -> int:
    from chalicelib.common.errors import VoltbookError
    from cli import exit_codes
    from cli.client.progress import bar

    try:
        with bar(path.name) as progress:
            receipt = book.import_file(path, progress)
    except VoltbookError as error:
        return exit_codes.of_failed_file(path.name, error)
    receipts.append(receipt)
    return exit_codes.of_receipt(receipt)


def _check_names(files: tuple[Path, ...]) -> None:
    from chalicelib.feeds.feed import file_day_of, file_name, near_miss

    wrong = [path.name for path in files if file_day_of(path.name) is None]
    if wrong:
        meant = {name: day for name in wrong if (day := near_miss(name)) is not None}
        names = ", ".join(
            f"{name!r}{f' (rename it to {file_name(meant[name])})' if name in meant else ''}" for name in wrong
        )
        raise click.BadParameter(
            f"must be named epex_trades_YYYYMMDD.csv, with the file day; got {names}", param_hint="FILE"
        )
