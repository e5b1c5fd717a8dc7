"""`voltbook status`: yesterday, and what needs attention."""

from __future__ import annotations

from chalicelib.common import clock
from cli import exit_codes
from cli.client.connect import open_book
from cli.options import book_command
from cli.output.listing import write_object
from cli.render.status import POINT_COLUMNS, status_text
from cli.status import read_status


@book_command("status", "voltbook status", "voltbook status -o json")
def status(output: str | None) -> int:
    """Show yesterday's file and data, and what needs attention.

    Lists files of all feeds of the last 30 days that are late, rejected, held or waiting, or have quarantined rows or
    missing trades that nobody accepted; trades of the last week that no file contains; notices that are not sent; and
    days without a reference price in any default set, once there are any. Each line ends with the command that handles
    it. Files are not shown to traders, and notices not over the API. Prints lines, also when piped, unless -o is given.
    The exit code is 3 if anything needs attention.
    """
    found = read_status(open_book(), clock.clock().now())
    write_object(found, output or "table", status_text, POINT_COLUMNS, lambda status: status["points"])
    return exit_codes.NEEDS_ATTENTION if found["points"] else exit_codes.DONE
