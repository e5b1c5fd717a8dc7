"""A plain table through tabulate: cells as they are, no number guessed from text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.domain.printable import shown

RULE: Final = None
"""In place of a row: a rule across the table."""


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str] | None],
    alignment: str,
    style: str = "simple",
    header_padding: int = 2,
) -> str:
    """Draw a table; `alignment` has an `l` or `r` a column. Cells must have gone through `shown`.

    The style is tabulate's: `simple`, or `plain` for one without rules. A column is so much wider than its header.
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
    """Give a cell for text that came from outside; a dash where there is none."""
    return "-" if value is None else shown(str(value))
