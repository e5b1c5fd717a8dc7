"""The PnL report as a trader reads it, and as a spreadsheet does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.printable import shown
from cli.render.completeness import completeness_line, day_state
from cli.render.json import json_text
from cli.render.numbers import column, gain_or_loss
from cli.render.table import RULE, table

Line = Mapping[str, Any]

_AMOUNTS: Final = {
    "trades": "Trades",
    "buy_mw": "Buy [MW]",
    "sell_mw": "Sell [MW]",
    "pnl_eur": "PnL [EUR]",
}
_COLOURED: Final = "pnl_eur"
_TWICE: Final = 2


def report_table(report: Mapping[str, Any], *, colour: bool) -> str:
    """Give title, completeness and the hours; a line a day for a range, and a line a trader for the desk."""
    days = report["days"]
    parts = [f"{_title(report)}\n{completeness_line(days)}"]
    parts.append(_amounts("Hour", report["hours"], colour=colour, label=_hour, total=report["total"]))
    if len(days) > 1:
        totals = [day["total"] for day in days]
        states = ("Data", [day_state(day) for day in days])
        parts.append(_amounts("Day", totals, colour=colour, extra=states))
    if report["traders"]:
        parts.append(_amounts("Trader", report["traders"], colour=colour))
    return "\n\n".join(parts) + "\n"


def report_json(report: Mapping[str, Any]) -> str:
    """Give the report just as the API does."""
    return f"{json_text(report)}\n"


def _title(report: Mapping[str, Any]) -> str:
    whose = "the desk" if report["trader_id"] is None else shown(report["trader_id"])
    start, end = report["start_day"], report["end_day"]
    when = start if start == end else f"{start} to {end} ({len(report['days'])} days)"
    return f"PnL of {whose}, delivery {when}"


def _hour(line: Line) -> str:
    """In one day's report an hour that the clock shows twice is marked; over a range it is summed anyway."""
    doubled = line["start"] is not None and line["hours_in_period"] == _TWICE
    return f"{line['label']}  2 h" if doubled else str(line["label"])


def _label(line: Line) -> str:
    return shown(str(line["label"]))


def _amounts(
    first: str,
    lines: Sequence[Line],
    *,
    colour: bool,
    label: Callable[[Line], str] = _label,
    total: Line | None = None,
    extra: tuple[str, Sequence[str]] | None = None,
) -> str:
    every = [*lines, total] if total else list(lines)
    columns = [[label(line) for line in every]]
    columns += [_numbers(name, every, colour=colour) for name in _AMOUNTS]
    headers = [first, *_AMOUNTS.values()]
    if extra:
        headers.append(extra[0])
        columns.append(list(extra[1]))
    rows: list[Sequence[str] | None] = list(_across(columns))
    if total:
        rows.insert(len(lines), RULE)
    return table(headers, rows, f"l{'r' * len(_AMOUNTS)}{'l' if extra else ''}")


def _numbers(name: str, lines: Iterable[Line], *, colour: bool) -> list[str]:
    cells = column(line[name] for line in lines)
    return [gain_or_loss(cell, colour=colour) for cell in cells] if name == _COLOURED else cells


def _across(columns: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    return zip(*columns, strict=True)
