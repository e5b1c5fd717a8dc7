"""Rows of prices that a mapping reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from chalicelib.common.delivery import HOUR, QUARTER, Period, berlin_day
from chalicelib.common.errors import Problem
from chalicelib.common.fields import Check, InvalidValue, shown_value
from chalicelib.common.timestamps import format_utc
from chalicelib.imports.formats.cells import Times, read_day
from chalicelib.imports.formats.mapped_period import Unclear, period_of
from chalicelib.imports.formats.price_days import PriceDays
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
from chalicelib.prices.slots import Series
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
        self.days = PriceDays()

    def row(self, line: int, cells: Mapping[str, str], problems: list[Problem]) -> Row | None:
        """Return the price of a row; None for one without a price, of which `days` decides."""
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
            return self._empty(line, cells, period, problems)
        read("set", read_set, cells.get("set"))
        read("zone", read_zone, cells.get("zone", DE_LU))
        try:
            read("price_eur_mwh", read_eur, self._number(text))
        except ValueError as error:
            problems.append(Problem("price_eur_mwh", f"{error}, got {shown_value(text)}"))
        if problems or period is None:
            return Row(line, problems=tuple(problems))
        price = PeriodPrice(values["set"], values["zone"], period, values["price_eur_mwh"])
        if stated := self.days.add(price, line):
            message = f"is in line {stated.line} already: a file states one price for {format_utc(stated.start)}"
            return Row(line, problems=(Problem("start", message),))
        return Row(line, prices=(price,))

    def _empty(
        self, line: int, cells: Mapping[str, str], period: Period | None, problems: Sequence[Problem]
    ) -> Row | None:
        if problems or period is None:
            return Row(line, problems=tuple(problems))
        try:
            series = Series(berlin_day(period.start), read_zone(cells.get("zone", DE_LU)), read_set(cells.get("set")))
        except InvalidValue:
            return Row(line)
        self.days.add_empty(series, period, line)
        return None

    def _period(self, cells: Mapping[str, str], problems: list[Problem]) -> Period | None:
        try:
            period = period_of(cells, self._times, _NAMES, self._day_of, self._after, (QUARTER, HOUR))
        except Unclear as unclear:
            problems += unclear.problems
            self._after = None
            return None
        self._after = period.start + timedelta(minutes=period.minutes)
        return period
