"""The completeness of the data in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.reports.completeness import FINAL, LEAST_TRUSTED_FIRST
from cli.output.page import grouped
from cli.output.table import time_cell

Completeness = Mapping[str, Any]

_NAMED: Final = 5


def completeness_line(report: Mapping[str, Any]) -> str:
    """Return one line for all days: state and reasons, files missing or provisional, quarantined rows, and times."""
    completeness = report["completeness"]
    state = state_word(completeness) if completeness["state"] in FINAL else f"{state_word(completeness)}, not final"
    newest = completeness["newest_import"]
    parts = [
        state,
        *_reservations(completeness, report.get("days", ())),
        f"newest import {time_cell(newest)}" if newest else "none of its files imported",
        f"read {time_cell(report['as_of'])}",
    ]
    return f"Data: {'; '.join(parts)}"


def state_word(completeness: Completeness) -> str:
    state = str(completeness["state"])
    return state if state in FINAL else state.upper()


def _reservations(completeness: Completeness, days: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    states = [day["completeness"]["state"] for day in days]
    if len(set(states)) > 1:
        yield _counted(states)
    yield from completeness.get("reasons", ())
    if completeness["missing_files"]:
        yield f"no file of {_named(completeness['missing_files'])}"
    if completeness["provisional_files"]:
        yield f"not yet sure of the file of {_named(completeness['provisional_files'])}"
    if completeness["quarantined_rows"]:
        rows = completeness["quarantined_rows"]
        yield f"{'1 row' if rows == 1 else f'{grouped(rows)} rows'} quarantined"


def _counted(states: Sequence[str]) -> str:
    """Return the number of days in each state, the least final first: `1 day MISSING, 2 days complete`."""
    return ", ".join(
        f"{count} day{'' if count == 1 else 's'} {state_word({'state': state})}"
        for state in LEAST_TRUSTED_FIRST
        if (count := states.count(state))
    )


def _named(days: Sequence[str]) -> str:
    more = len(days) - _NAMED
    return ", ".join(days[:_NAMED]) + (f" and {more} more" if more > 0 else "")
