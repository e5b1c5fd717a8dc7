"""The content of the morning mail: completeness, what changed, the figures, and the command to continue with.

Every figure is the number of the report, as its JSON shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from chalicelib.common.delivery import on_both_clocks
from chalicelib.common.timestamps import instant
from chalicelib.mails.document import Grid, Page, Words
from chalicelib.mails.snapshot import VALUE_FIGURES, Snapshot, changes, in_words
from chalicelib.reports.column import Column, View
from chalicelib.reports.columns import LINE
from chalicelib.reports.completeness import FINAL, State
from chalicelib.reports.valued_columns import VALUED

Cells = Mapping[str, Any]
"""A report or a line with numbers, see `Report.as_cells`."""

HOURS_SHOWN: Final = 3
_DESK: Final = sorted((column for column in LINE if column.mail is not None), key=lambda column: column.mail or 0)
_CHANGED: Final = {
    "state": "State",
    "missing_files": "Missing files",
    "provisional_files": "Provisional files",
    "quarantined_rows": "Quarantined rows",
    "reasons": "Reasons",
    **{column.name: column.labelled for column in LINE},
    **{column.name: column.labelled for column in VALUED if column.name in VALUE_FIGURES},
}
_TRADER: Final = tuple(column for column in LINE if View.MAIL_TRADERS in column.views)
_HOUR: Final = ("trades", "net_mwh", "pnl_eur")
_TWICE: Final = 2
_VALUE: Final = [column for column in VALUED if column.name in VALUE_FIGURES]
_OF_FEES: Final = frozenset({"fees_eur", "net_pnl_eur"})
_CASH: Final = {column.name: column.heading for column in VALUED if column.name in {"pnl_eur", "eur_per_mwh"}}
_EXPLAINED: Final = (
    "Cash, named PnL below, is earned minus spent; total adds the open energy at its reference price, by quarter-hour."
)


def state_in_words(report: Cells) -> str:
    state = State(report["completeness"]["state"])
    return state.value if state in FINAL else f"{state.value.upper()}, not final"


def morning_page(
    title: str,
    report: Cells,
    snapshot: Snapshot,
    before: Snapshot | None,
    quarantined: Mapping[date, int],
    unconfirmed: Mapping[date, int],
    traders: int,
) -> Page:
    """Return the page with at most `traders` lines of traders.

    `quarantined` counts rows by file day, `unconfirmed` trades that no file contains by delivery day.
    """
    sections = [
        Words((_data(report),)),
        *_news(snapshot, before),
        *_desk(report),
        *_traders(report["traders"], traders),
        *_hours(report),
        Words((_corrections(snapshot, before), _quarantined(quarantined), *_unconfirmed(unconfirmed))),
        Words((f"To look further: voltbook report --start-day {report['start_day']}",)),
    ]
    return Page(title, tuple(sections))


def _data(report: Cells) -> str:
    completeness = report["completeness"]
    reasons = completeness.get("reasons", [])
    corrected = completeness["state"] == State.CORRECTED and not reasons
    parts = ["corrected (complete; the exchange changed trades)" if corrected else state_in_words(report), *reasons]
    if completeness["missing_files"]:
        parts.append(f"no file of {in_words(completeness['missing_files'])}")
    if completeness["provisional_files"]:
        parts.append(f"provisional: the file of {in_words(completeness['provisional_files'])}")
    if completeness["quarantined_rows"]:
        parts.append(f"{_count(completeness['quarantined_rows'], 'row')} quarantined")
    imported = completeness["newest_import"]
    parts.append(f"newest import {on_both_clocks(instant(imported))}" if imported else "none of its files imported")
    return f"Data: {'; '.join(parts)}; read {on_both_clocks(instant(report['as_of']))}"


def _news(snapshot: Snapshot, before: Snapshot | None) -> Iterator[Words | Grid]:
    if before is None or before.digest == snapshot.digest:
        return
    changed = list(changes(before, snapshot))
    rows = tuple((_CHANGED.get(name, name), then, "->", now) for name, then, now in changed)
    same = all(then == now for _, then, now in changed)
    rest = "The total is the same; lines of hours or traders changed." if same else None
    yield Grid("Sent again, before -> now", (), rows, frozenset({1, 3}), rest)


def _desk(report: Cells) -> Iterator[Words | Grid]:
    total = report["total"]
    title = f"The desk, delivery {report['start_day']}"
    if not total["trades"]:
        final = report["completeness"]["state"] in FINAL
        yield Words((f"{title}: {'no trade' if final else 'no trade is booked yet'}.",))
        return
    shown = [column for column in _DESK if total[column.name] is not None or not column.if_known]
    value = _value(total)
    headings = _CASH if value else {}
    figures: list[Column[Any]] = [shown[0], *value, *shown[1:]]
    rows = [
        (headings.get(figure.name, figure.heading), in_words(total[figure.name]), figure.kind.unit)
        for figure in figures
    ]
    unknown = total["hours_without_reference"]
    priced = any(line["reference_price"] is not None for line in report["days"][0]["periods"])
    rest = [_EXPLAINED] if value else []
    if unknown and priced:
        rest.append(f"No reference price for {_count(unknown, 'hour')} with trades.")
    yield Grid(title, (), tuple(rows), frozenset({1}), " ".join(rest) or None)


def _value(total: Cells) -> list[Column[Any]]:
    """Return the columns that are known; fees only if there are any."""
    columns = [column for column in _VALUE if total.get(column.name) is not None]
    return columns if total.get("fees_eur") else [column for column in columns if column.name not in _OF_FEES]


def _traders(lines: Sequence[Cells], most: int) -> Iterator[Grid]:
    if not lines:
        return
    with_edges = any(line[column.name] is not None for line in lines for column in _TRADER if column.if_known)
    columns = [column for column in _TRADER if with_edges or not column.if_known]
    left = len(lines) - most
    rest = f"... and {_count(left, 'trader')} more." if left else None
    yield Grid(
        f"Traders (energy in MWh, VWAP and PnL/MWh in EUR/MWh, PnL{' and edges' if with_edges else ''} in EUR)",
        ("Trader", *(column.heading_in(View.MAIL_TRADERS) for column in columns)),
        tuple((str(line["label"]), *(in_words(line[column.name]) for column in columns)) for line in lines[:most]),
        frozenset(range(1, len(columns) + 1)),
        rest,
    )


def _hours(report: Cells) -> Iterator[Grid]:
    traded = [line for line in report["days"][0]["periods"] if line["trades"]]
    if not traded:
        return
    headers = ("Hour", *(_CHANGED[name] for name in _HOUR))
    worst = sorted(traded, key=lambda line: line["pnl_eur"])
    best = sorted(traded, key=lambda line: -line["pnl_eur"])
    for title, lines in (("Best hours", best), ("Worst hours", worst)):
        rows = tuple((_hour(line), *(in_words(line[name]) for name in _HOUR)) for line in lines[:HOURS_SHOWN])
        yield Grid(title, headers, rows, frozenset(range(1, len(headers))))


def _hour(line: Cells) -> str:
    return f"{line['label']}  2 h" if line["hours_in_period"] == _TWICE else str(line["label"])


def _corrections(snapshot: Snapshot, before: Snapshot | None) -> str:
    now, then = snapshot.corrections, before.corrections if before else None
    corrected = now.corrected - (then.corrected if then else 0)
    withdrawn = max(0, now.withdrawn - (then.withdrawn if then else 0))
    since = "since the last mail about this day" if then else "in the two files of this day"
    open_ = f"; {_count(now.unconfirmed, 'trade')} missing and still booked" if now.unconfirmed else ""
    return f"Corrections {since}: {corrected} corrected, {withdrawn} withdrawn{open_}."


def _quarantined(rows: Mapping[date, int]) -> str:
    counts = [f"{count} in the file of {day} (voltbook files show {day})" for day, count in rows.items() if count]
    return f"Quarantined rows: {'; '.join(counts) or 'none'}."


def _unconfirmed(trades: Mapping[date, int]) -> Iterator[str]:
    days = sorted(day for day, count in trades.items() if count)
    if days:
        which = f"--day {days[0]}" if len(days) == 1 else f"--start-day {days[0]} --end-day {days[-1]}"
        count = _count(sum(trades.values()), "trade")
        yield f"{count} that no file contains: voltbook trades list --unconfirmed {which}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
