"""Reports and scorecards on the terminal: a summary with the completeness of the data, and then line by line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from chalicelib.common.printable import shown
from chalicelib.reports.column import Column as ReportColumn
from chalicelib.reports.column import Kind, View, json_value
from chalicelib.reports.columns import CARD, LINE, scorecard_rows
from chalicelib.reports.completeness import State
from chalicelib.reports.valued_columns import VALUED
from chalicelib.trades.areas import area_name
from cli.output.page import Page
from cli.output.table import ALWAYS, Column, Section, sections_text, text_cell
from cli.render.completeness import completeness_line, state_word

Line = Mapping[str, Any]

_OWN: Final = frozenset({"period", "label"})
_CARD_FIGURES: Final = tuple(column for column in CARD if View.TERMINAL in column.views)
_EXTREMES: Final = (("best hour", "best_hour"), ("worst", "worst_hour"))
_TWICE: Final = 2
_EXPLAINED: Final = "Cash is earned minus spent; total adds the open energy at its reference price"


@dataclass(frozen=True, slots=True)
class _Part:
    heading: str
    lines: Sequence[Line]
    labels: Sequence[str]
    states: Sequence[str]
    total: bool = False


def report_table(report: Mapping[str, Any], page: Page, by: Collection[str] = ()) -> str:
    """Return title, completeness and summary, then the hours, days and traders, or only the parts named in `by`."""
    parts = _parts(report, by, page)
    head = [_title(report), completeness_line(report), *_summary(report, page), *_unknown(report)]
    sections = [Section(part.heading, len(part.lines), part.total) for part in parts]
    figures = [column for column in (VALUED if _is_valued(report) else LINE) if column.name not in _OWN]
    if not page.plain:
        figures = list(map(_as_energy, figures))
    return _text(head, sections, _columns(parts, figures, page), page)


def _as_energy(figure: ReportColumn[Any]) -> ReportColumn[Any]:
    """Return the energy in place of the power, which neither adds up over lines nor differs by the net energy."""
    if figure.kind is not Kind.POWER:
        return figure
    return figure._replace(name=f"{figure.name}h", kind=Kind.ENERGY, group="MWh", heading=f"{figure.heading} MWh")


def scorecard_table(scorecard: Mapping[str, Any], page: Page) -> str:
    rows = list(scorecard_rows(scorecard))
    labels = [page.name(shown(str(row["trader_id"]))) for row in rows[:-1]]
    figures = [_figure(figure, [row[figure.name] for row in rows], page) for figure in _CARD_FIGURES]
    start, end = scorecard["start_day"], scorecard["end_day"]
    head = [f"Scorecard, delivery {start if start == end else f'{start} to {end}'}", completeness_line(scorecard)]
    return _text(head, [Section("Trader", len(rows), total=True)], [_labels([*labels, "Total"]), *figures], page)


def _text(head: Sequence[str], sections: Sequence[Section], columns: Sequence[Column], page: Page) -> str:
    paragraphs = "\n".join(page.paragraph(line) for line in head)
    return f"{paragraphs}\n\n{sections_text(sections, columns, page.table_width)}\n"


def _title(report: Mapping[str, Any]) -> str:
    owner = "the desk" if report["trader_id"] is None else shown(report["trader_id"])
    start, end = report["start_day"], report["end_day"]
    days = start if start == end else f"{start} to {end} ({len(report['days'])} days)"
    return f"{'Value' if _is_valued(report) else 'PnL'} of {owner}, delivery {days}"


def _is_valued(report: Mapping[str, Any]) -> bool:
    """Check for a report of `/v2`."""
    return "grain" in report


def _unknown(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the new figures mean and do not include."""
    if not _is_valued(report) or not report["total"]["trades"]:
        return
    sets = report["total"]["reference_set"]
    yield f"{_EXPLAINED} (set {sets.replace(',', ', ')})." if sets else f"{_EXPLAINED}."
    slots, venues = (report["total"][name].split() for name in ("slots_without_reference", "venues_without_rate"))
    if slots:
        quarters = "1 quarter-hour has" if len(slots) == 1 else f"{len(slots)} quarter-hours have"
        yield f"{quarters} open energy and no reference price, so that open and total are unknown"
    if venues:
        yield f"No fees are known for {', '.join(map(shown, venues))}"


def _summary(report: Mapping[str, Any], page: Page) -> list[str]:
    total = report["total"]
    if not total["trades"]:
        return ["No trades"]
    name = "Cash" if _is_valued(report) else "PnL"
    figures = [f"{name} {page.amount(total['pnl_eur'])} EUR on {page.number(total['traded_mwh'])} MWh"]
    if total["eur_per_mwh"] is not None:
        figures.append(f"{page.number(total['eur_per_mwh'])} EUR/MWh")
    one_day = len(report["days"]) == 1
    hours = [f"{name} {_extreme(report[key], page, one_day=one_day)}" for name, key in _EXTREMES if report[key]]
    return [f"{', '.join(figures)}; {', '.join(hours)}"]


def _extreme(hour: Mapping[str, Any], page: Page, *, one_day: bool) -> str:
    day = "" if one_day else f"{hour['delivery_day']} "
    return f"{day}{page.hours(hour['label'])}: {page.amount(hour['pnl_eur'])}"


def _parts(report: Mapping[str, Any], by: Collection[str], page: Page) -> list[_Part]:
    days, hours, traders = report["days"], report["hours"], report["traders"]
    state = state_word(report["completeness"])
    parts = []
    if "hour" in by or not by:
        if report.get("grain") == "quarter" and not page.plain:
            hours = [line for line in hours if line["trades"]]
        heading = str(report.get("grain", "hour")).capitalize()
        parts.append(_Part(heading, hours, [_hour(line, page) for line in hours], [state] * len(hours)))
    if "day" in by or (not by and len(days) > 1):
        states = [state_word(day["completeness"]) for day in days]
        parts.append(_Part("Day", [day["total"] for day in days], [_day(day, page) for day in days], states))
    if "trader" in by or (traders and not by):
        labels = [page.name(shown(line["label"])) for line in traders]
        parts.append(_Part("Trader", traders, labels, [state] * len(traders)))
    groups = report.get("groups", ())
    if groups and ("group" in by or not by):
        lines = [group["total"] for group in groups]
        labels = [page.name(shown(_group(group["by"]))) for group in groups]
        parts.append(_Part(" / ".join(groups[0]["by"]).capitalize(), lines, labels, [state] * len(lines)))
    first, *others = parts or [_Part("", [], [], [])]
    lines, labels, states = [*first.lines, report["total"]], [*first.labels, "Total"], [*first.states, state]
    return [replace(first, lines=lines, labels=labels, states=states, total=True), *others]


def _group(by: dict[str, str | None]) -> str:
    """Return the label of a group, with the names of areas in place of their codes."""
    area = by.get("area")
    named = by | {"area": area_name(area)} if area else by
    return " / ".join(name or "(none)" for name in named.values())


def _hour(line: Line, page: Page) -> str:
    # Only a report of one day marks the hour that the clock shows twice: over a range it is summed anyway.
    label = page.hours(str(line["label"]))
    doubled = line["start"] is not None and line.get("hours_in_period") == _TWICE
    return f"{label}  2 h" if doubled and not page.plain else label


def _day(day: Mapping[str, Any], page: Page) -> str:
    label, completeness = str(day["delivery_day"]), day["completeness"]
    return label if page.plain or completeness["state"] == State.COMPLETE else f"{label}  {state_word(completeness)}"


def _columns(parts: Sequence[_Part], figures: Sequence[ReportColumn[Any]], page: Page) -> list[Column]:
    lines = [line for part in parts for line in part.lines]
    columns = [_labels([label for part in parts for label in part.labels])]
    if_known = any(line.get(figure.name) is not None for line in lines for figure in figures if figure.if_known)
    figures = [figure for figure in figures if _is_shown(figure, page, if_known=if_known)]
    columns += [_figure(figure, [line.get(figure.name) for line in lines], page) for figure in figures]
    if page.plain:
        columns.append(Column("completeness", "", ALWAYS, [state for part in parts for state in part.states], "l"))
    return columns


def _labels(labels: Sequence[str]) -> Column:
    return Column("", "label", ALWAYS, labels, "l")


def _figure(figure: ReportColumn[Any], values: Sequence[Any], page: Page) -> Column:
    if figure.kind.is_number:
        cells = page.cells(values, signed=figure.signed and figure.kind is Kind.MONEY)
    else:
        cells = [
            text_cell(value or None if figure.kind is Kind.NAMES else json_value(figure, value)) for value in values
        ]
    header = figure.name if page.plain else figure.heading_in(View.TERMINAL)
    return Column(header, figure.group, figure.rank, cells)


def _is_shown(figure: ReportColumn[Any], page: Page, *, if_known: bool) -> bool:
    # A plain page is read by scripts, so it always has the same columns; a terminal shows edges only if any is known.
    if page.plain:
        return True
    return View.TERMINAL in figure.views and (if_known or not figure.if_known)
