"""`voltbook version`: the versions of Voltbook and Python."""

from __future__ import annotations

import platform
from importlib import metadata

from cli.lazy_group import command
from cli.options import output_option, which_book


@command("version", "voltbook version", "voltbook version -o json")
@output_option
@which_book
def version(output: str | None) -> int:
    """Show the versions of Voltbook and Python.

    Prints one line, also when piped, unless -o is given.
    """
    from cli.output.listing import Listing, write_listing

    row = {"voltbook": _installed(), "python": platform.python_version()}
    line = f"voltbook {row['voltbook']}, Python {row['python']}"
    write_listing(Listing(tuple(row), [row], lambda _rows: line), output or "table")
    return 0


def _installed() -> str:
    try:
        return metadata.version("voltbook")
    except metadata.PackageNotFoundError:
        return "not installed"
