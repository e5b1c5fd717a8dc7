"""`voltbook verify`, `rebuild-positions`, `export-all` and `import-all`: proving, mending and moving a whole book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from cli.lazy_group import command
from cli.options import output_option, which_book
from cli.output.json import Json
from cli.profiles import ConnectionOptions


@command("verify", "voltbook verify", "voltbook verify --book prod -o json")
@output_option
@which_book
@click.pass_obj
def verify(connection: ConnectionOptions, output: str | None) -> int:
    """Walk the whole book and prove that it is sound; --book only.

    Every position is the sum of its trades; every trade has all its words, and the lists show it; every receipt
    accounts for its rows, its file is in the bucket byte by byte, and the book holds every good row of the newest
    version, or a later statement on its trade; the histories hold those of older versions. Each deviation is a line
    that says what to do, and makes the exit code 1. What is written meanwhile is looked at again.
    """
    from cli.client import connect
    from cli.exit_codes import DONE, FAILED
    from cli.terminal import say

    with connect.opened(connection) as book:
        proof = book.verify()
    _write("deviation", [{"deviation": one} for one in proof["deviations"]], output)
    say(
        f"{proof['trades']} trades ({proof['revisions']} words), {proof['positions']} positions, "
        f"{proof['files']} versions of files: {len(proof['deviations'])} deviations; digest {proof['digest']}"
    )
    return FAILED if proof["deviations"] else DONE


@command("rebuild-positions", "voltbook rebuild-positions")
@output_option
@which_book
@click.pass_obj
def rebuild_positions(connection: ConnectionOptions, output: str | None) -> int:
    """Put right every position that is not the sum of its trades; --book only.

    Each by itself, on condition that it still is as it was compared, so that no report sees a wrong one on the way; the
    audit is told. Trades may be booked meanwhile.
    """
    from cli.client import connect
    from cli.terminal import say

    with connect.opened(connection) as book:
        rebuilt = book.rebuild_positions()
    _write("mended", [{"mended": one} for one in rebuilt["mended"]], output)
    say(f"{len(rebuilt['mended'])} of {rebuilt['positions']} positions mended")
    return 0


@command("export-all", "voltbook export-all backup", "voltbook export-all --book prod /mnt/backup/2026-06-15")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@output_option
@which_book
@click.pass_obj
def export_all(connection: ConnectionOptions, folder: Path, output: str | None) -> int:
    """Write every table of the book to FOLDER; --book only.

    A file of JSON lines a table, and a manifest with their checksums. Interrupted and run again, it goes on; for a new
    export give a new folder. It holds the hashes of the logins: guard it. The daily files stay in their bucket.
    """
    from cli.client import connect

    with connect.opened(connection) as book:
        moved = book.export_all(folder)
    _write_moved(moved, output)
    return 0


@command("import-all", "voltbook import-all --book dev backup")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@output_option
@which_book
@click.pass_obj
def import_all(connection: ConnectionOptions, folder: Path, output: str | None) -> int:
    """Write what FOLDER holds into a book that has nothing else; --book only.

    The checksums are looked at first, and a book that holds anything the export does not is refused before anything is
    written. Interrupted and run again, it writes what is lacking. Prove the outcome: voltbook verify.
    """
    from cli.client import connect

    with connect.opened(connection) as book:
        moved = book.import_all(folder)
    _write_moved(moved, output)
    return 0


def _write_moved(moved: Json, output: str | None) -> None:
    from cli.output.listing import Listing, write_listing
    from cli.output.table import table, text_cell

    rows = [{"table": name, "items": count} for name, count in moved["tables"].items()]

    def as_table(rows: Sequence[Mapping[str, Any]]) -> str:
        return table(("Table", "Items"), [(text_cell(row["table"]), str(row["items"])) for row in rows], "lr")

    write_listing(Listing(("table", "items"), rows, as_table), output)


def _write(column: str, rows: Sequence[Json], output: str | None) -> None:
    from chalicelib.domain.printable import shown
    from cli.output.listing import Listing, write_listing

    def as_lines(rows: Sequence[Mapping[str, Any]]) -> str:
        return "\n".join(shown(row[column]) for row in rows) or "none"

    write_listing(Listing((column,), rows, as_lines), output)
