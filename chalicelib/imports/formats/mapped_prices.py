"""Rows of prices that a mapping reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from chalicelib.common.delivery import HOUR, QUARTER, Period
from chalicelib.common.errors import Problem
from chalicelib.common.fields import Check, InvalidValue, shown_value
from chalicelib.common.timestamps import format_utc
from chalicelib.imports.formats.cells import Times, read_day
from chalicelib.imports.formats.mapped_period import Unclear, period_of
from chalicelib.imports.formats.reading import Row
from chalicelib.prices.period_price import (
    PeriodPrice,
    period_problems,
    read_eur,
    read_minutes,
    read_set,
    read_start,
    read_zone,
)
from chalicelib.prices.zones import DE_LU

_GAPS: Final = frozenset({"-", "n/a", "n/e", "null"})
"""What stands for no price, in lower case."""
_NAMES: Final = {"start": "start", "end": "end"}


class PriceRows:
    """Reads the rows of one file in their order: the row before decides which of two hours is meant."""

    def __init__(self, day_form: str, times: Mapping[str, Times], number: Callable[[str], str]) -> None:
        self._day_of = partial(read_day, form=day_form)
        self._times, self._number = times, number
        self._after: datetime | None = None

    def row(self, line: int, cells: Mapping[str, str], problems: list[Problem]) -> Row:
        """Return the price of a row; one without a price is skipped."""
        values: dict[str, Any] = {}

        def read(name: str, check: Check, value: object) -> None:
            try:
                values[name] = check(value)
            except InvalidValue as error:
                problems.append(Problem(name, f"{error}, got {shown_value(value)}"))

        period = self._period(cells, problems)
        if period is not None:
            read("start", read_start, format_utc(period.start))
            read("minutes", read_minutes, period.minutes)
            problems += () if problems else period_problems(period.start, period.minutes)
        text = cells.get("price_eur_mwh", "-")
        if text.lower() in _GAPS:
            return Row(line, problems=tuple(problems))
        read("set", read_set, cells.get("set"))
        read("zone", read_zone, cells.get("zone", DE_LU))
        try:
            read("price_eur_mwh", read_eur, self._number(text))
        except ValueError as error:
            problems.append(Problem("price_eur_mwh", f"{error}, got {shown_value(text)}"))
        if problems or period is None:
            return Row(line, problems=tuple(problems))
        return Row(line, prices=(PeriodPrice(values["set"], values["zone"], period, values["price_eur_mwh"]),))

    def _period(self, cells: Mapping[str, str], problems: list[Problem]) -> Period | None:
        try:
            period = period_of(cells, self._times, _NAMES, self._day_of, self._after, (QUARTER, HOUR))
        except Unclear as unclear:
            problems += unclear.problems
            self._after = None
            return None
        self._after = period.start + timedelta(minutes=period.minutes)
        return period
