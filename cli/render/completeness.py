"""Whether the numbers can be trusted, in words: anything but complete is never shown as if it were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cli.render.numbers import grouped

Day = Mapping[str, Any]

_WORST_FIRST: Final = ("missing", "open", "provisional", "corrected", "complete")
_WHOLE: Final = frozenset({"complete", "corrected"})
_NAMED: Final = 5


def day_state(day: Day) -> str:
    """One day's state for a cell: `complete`, `missing, 2 rows quarantined`."""
    rows = day["completeness"]["quarantined_rows"]
    return f"{_state(day)}, {_rows(rows)} quarantined" if rows else _state(day)


def completeness_line(days: Sequence[Day]) -> str:
    """Give one line for all days: their state, missing files, rows set aside, the newest import."""
    said = [_one(days[0]) if len(days) == 1 else _many(days)]
    missing = sorted({file_day for day in days for file_day in day["completeness"]["missing_files"]})
    if missing:
        said.append(f"no file of {_named(missing)}")
    if len(days) == 1 and days[0]["completeness"]["quarantined_rows"]:
        said.append(f"{_rows(days[0]['completeness']['quarantined_rows'])} quarantined")
    imports = [day["completeness"]["newest_import"] for day in days if day["completeness"]["newest_import"] is not None]
    said.append(f"newest import {max(imports)}" if imports else "nothing imported")
    return f"Data: {'; '.join(said)}"


def _state(day: Day) -> str:
    return str(day["completeness"]["state"])


def _one(day: Day) -> str:
    state = _state(day)
    return state if state in _WHOLE else f"{state.upper()}, not final"


def _many(days: Sequence[Day]) -> str:
    """Count the days of each state: `1 day MISSING, 2 days complete`."""
    states = [_state(day) for day in days]
    counted = [(state, states.count(state)) for state in dict.fromkeys([*_WORST_FIRST, *states])]
    return ", ".join(
        f"{count} day{'' if count == 1 else 's'} {state if state in _WHOLE else state.upper()}"
        for state, count in counted
        if count
    )


def _named(days: Sequence[str]) -> str:
    more = len(days) - _NAMED
    return ", ".join(days[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{grouped(count)} rows"
