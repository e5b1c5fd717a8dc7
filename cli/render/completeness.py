"""The completeness of the numbers in words; only complete data is shown as complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chalicelib.common.delivery import BERLIN
from chalicelib.reports.completeness import FINAL, LEAST_TRUSTED_FIRST
from cli.output.numbers import grouped

Known = Mapping[str, Any]

_NAMED: Final = 5


def completeness_line(report: Mapping[str, Any]) -> str:
    """Return one line for all days: state and reasons, files missing or provisional, quarantined rows, and times."""
    known = report["completeness"]
    return f"Data: {'; '.join([_state(known), *_reservations(known, report.get('days', ())), *_times(known, report)])}"


def state_word(known: Known) -> str:
    """Return the state for a cell, in capitals if the numbers are not final."""
    state = str(known["state"])
    return state if state in FINAL else state.upper()


def berlin_time(instant: str) -> str:
    """Return UTC text in Berlin time: `2026-06-15 08:00 CEST`."""
    return f"{datetime.fromisoformat(instant).astimezone(BERLIN):%Y-%m-%d %H:%M %Z}"


def _state(known: Known) -> str:
    return state_word(known) if known["state"] in FINAL else f"{state_word(known)}, not final"


def _reservations(known: Known, days: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    states = [day["completeness"]["state"] for day in days]
    if len(set(states)) > 1:
        yield _counted(states)
    yield from known.get("reasons", ())
    if known["missing_files"]:
        yield f"no file of {_named(known['missing_files'])}"
    if known["provisional_files"]:
        yield f"not yet sure of the file of {_named(known['provisional_files'])}"
    if known["quarantined_rows"]:
        yield f"{_rows(known['quarantined_rows'])} quarantined"


def _times(known: Known, report: Mapping[str, Any]) -> Iterator[str]:
    newest = known["newest_import"]
    yield f"newest import {berlin_time(newest)}" if newest else "nothing imported"
    yield f"read {berlin_time(report['as_of'])}"


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


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{grouped(count)} rows"
