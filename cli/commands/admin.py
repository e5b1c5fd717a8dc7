"""`voltbook verify`, `rebuild-positions`, `export-all`, `import-all` and `audit`: the whole book and its audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from chalicelib.common.printable import shown
from cli.client.connect import open_book
from cli.exit_codes import DONE, FAILED
from cli.lazy_group import group
from cli.options import book_command
from cli.output.json import Json
from cli.output.listing import write_listing
from cli.output.table import fields_table
from cli.render.listings import AUDIT_COLUMNS, audit_table
from cli.terminal import say


@book_command("verify", "voltbook verify", "voltbook verify --book prod -o json")
def verify(output: str | None) -> int:
    """Check the integrity of the whole book; --book only.

    Every position must be the sum of its trades. Every trade must have all its revisions and be listed. Reference
    prices must be readable, of a known set and of periods of their day. Every receipt must account for its rows, and
    its file must be in the bucket unchanged. Every valid row of the newest version of a file must be booked, or have a
    later revision; rows of older versions must be in the histories. Each deviation is a line that says what to do; with
    deviations the exit code is 1. Items that change during the check are checked again.
    """
    proof = open_book().verify()
    _write("deviation", [{"deviation": one} for one in proof["deviations"]], output)
    say(
        f"{proof['trades']} trades ({proof['revisions']} revisions), {proof['positions']} positions, "
        f"{proof['files']} versions of files: {len(proof['deviations'])} deviations; digest {proof['digest']}"
    )
    return FAILED if proof["deviations"] else DONE


@book_command("rebuild-positions", "voltbook rebuild-positions")
def rebuild_positions(output: str | None) -> None:
    """Repair every position that is not the sum of its trades; --book only.

    Each position is repaired by a conditional write, so that trades can be booked at the same time and no report sees a
    wrong intermediate value. Repairs are recorded in the audit.
    """
    rebuilt = open_book().rebuild_positions()
    _write("mended", [{"mended": one} for one in rebuilt["mended"]], output)
    say(f"{len(rebuilt['mended'])} of {rebuilt['positions']} positions repaired")


@book_command("export-all", "voltbook export-all backup", "voltbook export-all --book prod /mnt/backup/2026-06-15")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_all(folder: Path, output: str | None) -> None:
    """Export every table of the book to FOLDER; --book only.

    Writes a file of JSON lines for each table, and a manifest with their checksums. An interrupted export continues
    when it is run again; use a new folder for a new export. The export contains the password hashes of the logins:
    protect it. It does not contain the daily files, which stay in their bucket.
    """
    moved = open_book().export_all(folder)
    _write_moved(moved, output)


@book_command("import-all", "voltbook import-all --book dev backup")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def import_all(folder: Path, output: str | None) -> None:
    """Import an export from FOLDER into an empty book; --book only.

    The checksums are verified first. A book that contains anything that is not in the export is refused before anything
    is written. An interrupted import continues when it is run again. Check the result with `voltbook verify`.
    """
    moved = open_book().import_all(folder)
    _write_moved(moved, output)


def _write_moved(moved: Json, output: str | None) -> None:
    headers = {"table": "Table", "items": "Items"}
    rows = [{"table": name, "items": count} for name, count in moved["tables"].items()]
    write_listing(tuple(headers), rows, lambda rows: fields_table(headers, rows, "lr"), output)


def _write(column: str, rows: Sequence[Json], output: str | None) -> None:
    def as_lines(rows: Sequence[Mapping[str, Any]]) -> str:
        return "\n".join(shown(row[column]) for row in rows) or "none"

    write_listing((column,), rows, as_lines, output)


@group("audit", "voltbook audit list", "voltbook audit list --days 7 -o json")
def audit() -> None:
    """List what administrators did; --book only."""


@book_command("list", "voltbook audit list", "voltbook audit list --days 7 -o json", of=audit)
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="Number of days.")
def list_(days: int, output: str | None) -> None:
    """List each act with its time, its user and the state before and after, newest first.

    Acts are logins added or disabled, passwords set, withdrawals confirmed, files accepted, prices set by hand, fees
    set, and repairs and imports of a whole book. An entry is written in the same transaction as the act, and holds no
    passwords.
    """
    found = open_book().list_audit(days)
    write_listing(AUDIT_COLUMNS, found, audit_table, output)
