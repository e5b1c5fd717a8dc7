"""Lines of a report by their columns: as cells, JSON objects and JSON text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from operator import not_
from typing import Any, Generic, TypeVar

from chalicelib.reports.column import Column, cells_of, json_objects, json_texts, text_template
from chalicelib.reports.model import NOTHING
from chalicelib.reports.valuation import AnyLine

L = TypeVar("L", bound=AnyLine)


@dataclass(frozen=True)
class LineTable(Generic[L]):
    """`empty` is a line without trades."""

    columns: Sequence[Column[L]]
    empty: L

    def cells(self, lines: Sequence[L]) -> list[dict[str, Any]]:
        return cells_of(self.columns, lines)

    def objects(self, lines: Sequence[L]) -> list[dict[str, Any]]:
        return json_objects(self.columns, lines)

    def texts(self, lines: Sequence[L]) -> list[str]:
        """Return lines as JSON text; those without trades separately, because most of their columns are the same."""
        is_empty = [line.totals is NOTHING for line in lines]
        empty = iter(json_texts(self._empty_template, self._own, list(compress(lines, is_empty))))
        traded = iter(json_texts(self._template, self.columns, list(compress(lines, map(not_, is_empty)))))
        return [next(empty if line_is_empty else traded) for line_is_empty in is_empty]

    @cached_property
    def _own(self) -> Sequence[Column[L]]:
        return tuple(column for column in self.columns if not column.of_trades)

    @cached_property
    def _template(self) -> str:
        return text_template(self.columns)

    @cached_property
    def _empty_template(self) -> str:
        constant = tuple(column for column in self.columns if column.of_trades)
        return text_template(self.columns, json_objects(constant, [self.empty])[0])
