"""The scorecard as the desk reads it: a line a trader, and one over them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.domain.printable import shown
from chalicelib.domain.report_rows import scorecard_rows
from cli.output.page import Page
from cli.output.table_layout import ALWAYS, Column, Section, sections_text
from cli.render.completeness import completeness_line

_FIGURES: Final = (
    # name, header, group, rank: how long its group stays on a narrow terminal
    ("trades", "Trades", "trades", 3),
    ("traded_mwh", "MWh", "MWh", 2),
    ("pnl_eur", "PnL EUR", "PnL", ALWAYS),
    ("eur_per_mwh", "EUR/MWh", "EUR/MWh", 1),
    ("hours_traded", "Hours", "hours", 7),
    ("hours_won", "Won", "hours", 7),
    ("hit_rate_percent", "Hit %", "hit rate", 1),
    ("best_day", "Best day", "best day", 5),
    ("best_day_pnl_eur", "EUR", "best day", 5),
    ("worst_day", "Worst day", "worst day", 6),
    ("worst_day_pnl_eur", "EUR", "worst day", 6),
    ("max_drawdown_eur", "Drawdown EUR", "drawdown", 4),
)
_DAYS: Final = frozenset({"best_day", "worst_day"})
_SIGNED: Final = frozenset({"pnl_eur", "best_day_pnl_eur", "worst_day_pnl_eur"})


def scorecard_table(scorecard: Mapping[str, Any], page: Page) -> str:
    """Give title, completeness and the cards."""
    rows = list(scorecard_rows(scorecard))
    labels = [page.name(shown(str(row["trader_id"]))) for row in rows[:-1]]
    columns = [Column("", "label", ALWAYS, [*labels, "Total"], "l")]
    for name, header, group, rank in _FIGURES:
        values = [row[name] for row in rows]
        if name in _DAYS:
            cells = ["-" if value is None else str(value) for value in values]
        else:
            cells = page.cells(values, signed=name in _SIGNED)
        columns.append(Column(name if page.plain else header, group, rank, cells))
    start, end = scorecard["start_day"], scorecard["end_day"]
    when = start if start == end else f"{start} to {end}"
    head = "\n".join(page.paragraph(line) for line in (f"Scorecard, delivery {when}", completeness_line(scorecard)))
    cards = sections_text([Section("Trader", len(rows), total=True)], columns, page.table_width)
    return f"{head}\n\n{cards}\n"
