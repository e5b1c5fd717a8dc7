"""Tables drawn by tabulate, without guessing numbers from text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.common.printable import shown

RULE: Final = None
"""In place of a row: a line across the table."""


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str] | None],
    alignment: str,
    style: str = "simple",
    header_padding: int = 2,
) -> str:
    """Draw a table; `alignment` has an `l` or `r` a column. Cells must have gone through `shown`.

    The style is tabulate's: `simple`, or `plain` without lines. `header_padding` is the least space beside a header.
    """
    import tabulate

    tabulate.MIN_PADDING = header_padding
    return tabulate.tabulate(
        [tabulate.SEPARATING_LINE if row is RULE else list(row) for row in rows],
        headers=list(headers),
        tablefmt=style,
        disable_numparse=True,
        colalign=["right" if one == "r" else "left" for one in alignment] if rows else None,
    )


def text_cell(value: object) -> str:
    """Return a cell for external text, without control characters; a dash for None."""
    return "-" if value is None else shown(str(value))
