"""The scorecard as the desk reads it: a line a trader, and one over them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.common.printable import shown
from chalicelib.reports.column import Kind, View
from chalicelib.reports.columns import CARD
from chalicelib.reports.rows import scorecard_rows
from cli.output.page import Page
from cli.output.table_layout import ALWAYS, Column, Section, sections_text
from cli.render.completeness import completeness_line

_FIGURES: Final = tuple(column for column in CARD if View.TERMINAL in column.views)


def scorecard_table(scorecard: Mapping[str, Any], page: Page) -> str:
    rows = list(scorecard_rows(scorecard))
    labels = [page.name(shown(str(row["trader_id"]))) for row in rows[:-1]]
    columns = [Column("", "label", ALWAYS, [*labels, "Total"], "l")]
    for figure in _FIGURES:
        values = [row[figure.name] for row in rows]
        if figure.kind.is_number:
            cells = page.cells(values, signed=figure.signed and figure.kind is Kind.MONEY)
        else:
            cells = ["-" if value is None else str(value) for value in values]
        header = figure.name if page.plain else figure.heading_in(View.TERMINAL)
        columns.append(Column(header, figure.group, figure.rank, cells))
    start, end = scorecard["start_day"], scorecard["end_day"]
    when = start if start == end else f"{start} to {end}"
    head = "\n".join(page.paragraph(line) for line in (f"Scorecard, delivery {when}", completeness_line(scorecard)))
    cards = sections_text([Section("Trader", len(rows), total=True)], columns, page.table_width)
    return f"{head}\n\n{cards}\n"
