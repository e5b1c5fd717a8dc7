"""Tables drawn by tabulate, without guessing numbers from text."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby, islice
from textwrap import shorten
from typing import Any, Final

from chalicelib.common.delivery import BERLIN
from chalicelib.common.printable import shown

_WIDE: Final = re.compile("[^\0-\N{LATIN SMALL LETTER Y WITH DIAERESIS}]")
"""May take two columns or none; Latin letters and a space that does not break take one."""
RULE: Final = None
"""In place of a row: a line across the table."""


def table(headers: Sequence[str], rows: Sequence[Sequence[str] | None], alignment: str, style: str = "simple") -> str:
    """Draw cells that have gone through `shown`; `alignment` has an `l` or `r` for each column.

    The style is tabulate's: `simple`, or `plain` without lines.
    """
    tabulate = _tabulate(wide=any(map(_WIDE.search, chain(headers, *filter(None, rows)))))
    tabulate.MIN_PADDING = 0  # tabulate 0.10.0 adds two spaces to a header and has no option for it
    text: str = tabulate.tabulate(
        [tabulate.SEPARATING_LINE if row is RULE else list(row) for row in rows],
        headers=list(headers),
        tablefmt=style,
        disable_numparse=True,
        colalign=["right" if one == "r" else "left" for one in alignment] if rows else None,
    )
    return text


def _tabulate(*, wide: bool) -> Any:  # noqa: ANN401 - a module whose types leave out what is used
    """Return tabulate. Only wide text needs wcwidth, whose tables take longer to load than all of ours."""
    if wide:
        import tabulate

        return tabulate if sys.modules.get("wcwidth") else importlib.reload(tabulate)
    with _absent("wcwidth"):  # tabulate 0.10.0 works without it, and has no option for that
        import tabulate
    return tabulate


@contextmanager
def _absent(module: str) -> Iterator[None]:
    loaded = sys.modules.get(module)
    sys.modules[module] = None  # type: ignore[assignment]  # as documented, an import of it then fails
    try:
        yield
    finally:
        if loaded is None:
            del sys.modules[module]
        else:
            sys.modules[module] = loaded


def fields_table(headers: Mapping[str, str], rows: Sequence[Mapping[str, object]], alignment: str = "") -> str:
    cells = [[text_cell(row[name]) for name in headers] for row in rows]
    return table(list(headers.values()), cells, alignment or "l" * len(headers))


def text_cell(value: object) -> str:
    """Return a cell for external text, without control characters; a dash for None."""
    return "-" if value is None else shown(str(value))


def time_cell(instant: str | None, *, seconds: bool = False) -> str:
    """Return `28 Nov 2026 22:07 CET`: every time that a person reads is Berlin's."""
    if instant is None:
        return "-"
    time = datetime.fromisoformat(instant).astimezone(BERLIN)
    return f"{time.day} {time.strftime('%b %Y %H:%M:%S %Z' if seconds else '%b %Y %H:%M %Z')}"


ALWAYS: Final = 0
_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Column:
    """Cells of all sections. Columns of a `group` are shown or left out together, those of the highest `rank` first."""

    header: str
    group: str
    rank: int
    cells: Sequence[str]
    align: str = "r"


@dataclass(frozen=True, slots=True)
class Section:
    """A number of rows under a heading over the first column; `total` draws a line before the last one."""

    heading: str
    rows: int
    total: bool = False


def sections_text(sections: Sequence[Section], columns: Sequence[Column], width: int | None) -> str:
    """Draw the sections, and a line that names the groups of columns that do not fit.

    Without a width they are drawn plain: without lines, and with all columns.
    """
    if width is None:
        return _drawn(sections, columns, "plain")
    # The line below the headings has a dash for each character of a column.
    widths = [len(dashes) for dashes in _drawn(sections, columns).split("\n")[1].split()]
    kept = _fitting(columns, widths, width)
    gone = [group for group, _ in groupby(column.group for column in columns if column not in kept)]
    text = _drawn(sections, kept)
    return f"{text}\n\n{_left_out(gone, width)}" if gone else text


def _drawn(sections: Sequence[Section], columns: Sequence[Column], style: str = "simple") -> str:
    """Draw all sections as one table, so that their columns align; headings of later ones are rows."""
    rule = [RULE] if style == "simple" else []
    cells = zip(*(column.cells for column in columns), strict=True)
    rows: list[Sequence[str] | None] = []
    for section in sections:
        own = list(islice(cells, section.rows))
        total = [*rule, own.pop()] if section.total else []
        headings = (section.heading, *(column.header for column in columns[1:]))
        rows += [[""] * len(columns), headings, *rule, *own, *total]
    _, first, *others = rows
    text = table(first or (), others[len(rule) :], "".join(column.align for column in columns), style)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def _fitting(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[Column]:
    needed: dict[str, int] = {}
    for column, wide in zip(columns, widths, strict=True):
        needed[column.group] = needed.get(column.group, 0) + wide + _GAP
    ranks = {column.group: column.rank for column in columns}
    left, kept = width + _GAP, set()
    for group in sorted(needed, key=lambda one: ranks[one]):
        if ranks[group] == ALWAYS or needed[group] <= left:
            kept.add(group)
            left -= needed[group]
    return [column for column in columns if column.group in kept]


def _left_out(groups: Sequence[str], width: int) -> str:
    short = f"No room for {', '.join(dict.fromkeys(groups))}"
    sentence = f"{short} (--plain or -o csv shows all)"
    return sentence if len(sentence) <= width else shorten(short, width, placeholder="...")
