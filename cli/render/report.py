"""The PnL report as a trader reads it: what was made, how far it can be trusted, and then line by line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.common.printable import shown
from chalicelib.reports.column import Column as ReportColumn
from chalicelib.reports.column import Kind, View
from chalicelib.reports.columns import LINE
from chalicelib.reports.completeness import State
from cli.output.page import Page
from cli.output.table import text_cell
from cli.output.table_layout import ALWAYS, Column, Section, sections_text
from cli.render.completeness import completeness_line, state_word

Line = Mapping[str, Any]

_FIGURES: Final = tuple(column for column in LINE if column.name != "label")
_IF_KNOWN: Final = tuple(column for column in _FIGURES if column.if_known)
_EXTREMES: Final = (("best hour", "best_hour"), ("worst", "worst_hour"))
_TWICE: Final = 2


@dataclass(frozen=True, slots=True)
class _Part:
    heading: str
    lines: Sequence[Line]
    labels: Sequence[str]
    states: Sequence[str]
    total: bool = False


def report_table(report: Mapping[str, Any], page: Page, by: Collection[str] = ()) -> str:
    """Give title, completeness and a summary, then hours, days and traders; `by` names the only ones wanted."""
    parts = _parts(report, by, page)
    head = [_title(report), completeness_line(report), *_summary(report, page)]
    text = "\n".join(page.paragraph(line) for line in head)
    columns = _columns(parts, page)
    sections = [Section(part.heading, len(part.lines), part.total) for part in parts]
    return f"{text}\n\n{sections_text(sections, columns, page.table_width)}\n"


def _title(report: Mapping[str, Any]) -> str:
    whose = "the desk" if report["trader_id"] is None else shown(report["trader_id"])
    start, end = report["start_day"], report["end_day"]
    when = start if start == end else f"{start} to {end} ({len(report['days'])} days)"
    return f"PnL of {whose}, delivery {when}"


def _summary(report: Mapping[str, Any], page: Page) -> list[str]:
    total = report["total"]
    if not total["trades"]:
        return ["No trades"]
    said = [f"PnL {page.amount(total['pnl_eur'])} EUR on {page.number(total['traded_mwh'])} MWh"]
    if total["eur_per_mwh"]:
        said.append(f"{page.number(total['eur_per_mwh'])} EUR/MWh")
    one_day = len(report["days"]) == 1
    hours = [f"{name} {_when(report[key], page, one_day=one_day)}" for name, key in _EXTREMES if report[key]]
    return [f"{', '.join(said)}; {', '.join(hours)}"]


def _when(hour: Mapping[str, Any], page: Page, *, one_day: bool) -> str:
    day = "" if one_day else f"{hour['delivery_day']} "
    return f"{day}{page.hours(hour['label'])}: {page.amount(hour['pnl_eur'])}"


def _parts(report: Mapping[str, Any], by: Collection[str], page: Page) -> list[_Part]:
    days, hours, traders = report["days"], report["hours"], report["traders"]
    state = state_word(report["completeness"])
    parts = []
    if "hour" in by or not by:
        parts.append(_Part("Hour", hours, [_hour(line, page) for line in hours], [state] * len(hours)))
    if "day" in by or (not by and len(days) > 1):
        states = [state_word(day["completeness"]) for day in days]
        parts.append(_Part("Day", [day["total"] for day in days], [_day(day, page) for day in days], states))
    if "trader" in by or (traders and not by):
        labels = [page.name(shown(line["label"])) for line in traders]
        parts.append(_Part("Trader", traders, labels, [state] * len(traders)))
    return [_with_total(parts[0], report["total"], state), *parts[1:]]


def _with_total(part: _Part, total: Line, state: str) -> _Part:
    return _Part(part.heading, [*part.lines, total], [*part.labels, "Total"], [*part.states, state], total=True)


def _hour(line: Line, page: Page) -> str:
    """In one day's report an hour that the clock shows twice is marked; over a range it is summed anyway."""
    label = page.hours(str(line["label"]))
    doubled = line["start"] is not None and line["hours_in_period"] == _TWICE
    return f"{label}  2 h" if doubled and not page.plain else label


def _day(day: Mapping[str, Any], page: Page) -> str:
    """Mark a day whose data is more than complete, or less."""
    label, known = str(day["delivery_day"]), day["completeness"]
    return label if page.plain or known["state"] == State.COMPLETE else f"{label}  {state_word(known)}"


def _columns(parts: Sequence[_Part], page: Page) -> list[Column]:
    lines = [line for part in parts for line in part.lines]
    columns = [Column("", "label", ALWAYS, [label for part in parts for label in part.labels], "l")]
    for figure in _FIGURES:
        if _wanted(figure, lines, page):
            cells = _cells(figure, [line.get(figure.name) for line in lines], page)
            header = figure.name if page.plain else figure.heading_in(View.TERMINAL)
            columns.append(Column(header, figure.group, figure.rank, cells))
    if page.plain:
        columns.append(Column("completeness", "", ALWAYS, [state for part in parts for state in part.states], "l"))
    return columns


def _cells(figure: ReportColumn[Any], values: Sequence[Any], page: Page) -> list[str]:
    if figure.kind.is_number:
        return page.cells(values, signed=figure.signed and figure.kind is Kind.MONEY)
    return [text_cell(value) for value in values]


def _wanted(figure: ReportColumn[Any], lines: Sequence[Line], page: Page) -> bool:
    """On a terminal edges are shown where any is known; what is read line by line always has the same columns."""
    if page.plain:
        return True
    if View.TERMINAL not in figure.views:
        return False
    return not figure.if_known or any(line.get(other.name) is not None for line in lines for other in _IF_KNOWN)
