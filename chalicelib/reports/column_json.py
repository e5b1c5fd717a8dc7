"""Lines and cards as JSON: the exact value of each column, rounded here and nowhere before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import compress, repeat, starmap
from json.encoder import encode_basestring_ascii
from operator import not_
from types import MappingProxyType
from typing import Any, Final, TypeVar

from chalicelib.common import units
from chalicelib.common.timestamps import format_utc
from chalicelib.reports.column import Column, Kind
from chalicelib.reports.columns import CARD, LINE
from chalicelib.reports.model import NOTHING, Card, Line

T = TypeVar("T")
Shown = Callable[[Sequence[Line]], Iterator[T]]
Step = Callable[[Iterable[Any]], Iterable[Any]]
"""Makes another column of values of one: all lines of a report go through it at once."""

# `json.dumps` would make one for each call.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


def compact(value: object) -> str:
    """Return a JSON value as text."""
    return _ENCODER.encode(value)


def text_of(name: str | None) -> str:
    """Give any text, or null."""
    return "null" if name is None else encode_basestring_ascii(name)


def plain(text: object | None) -> str:
    """Give a number or a time as JSON text, or null: nothing in it that JSON would write in another way."""
    return "null" if text is None else f'"{text}"'


def joined(parts: Iterable[str]) -> str:
    """Give an array of texts of JSON."""
    return f"[{','.join(parts)}]"


def members(**parts: str) -> str:
    """Give an object of texts of JSON."""
    return "{" + ",".join(f'"{name}":{part}' for name, part in parts.items()) + "}"


@lru_cache(maxsize=1024)
def _instant(start: datetime | None) -> str | None:
    """Return a start as it is shown; the hours of a month stand in many reports."""
    return None if start is None else format_utc(start)


@lru_cache(maxsize=1024)
def _instant_text(start: datetime | None) -> str:
    """Return a start as JSON text."""
    return plain(_instant(start))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _money(cash: int | None) -> str | None:
    return None if cash is None else units.eur(cash)


def _price_text(cash: int | None, energy: int) -> str:
    """Return a price as JSON text at once: half the figures of a report are prices."""
    return f'"{units.euros(cash, energy)}"' if energy and cash is not None else "null"


def _percent(part: int, whole: int) -> str | None:
    return units.rounded(100 * part, whole, 2) if whole else None


_STEPS: Final[Mapping[Kind, tuple[Step, ...]]] = {
    Kind.TEXT: (),
    Kind.DAY: (partial(map, _day),),
    Kind.INSTANT: (partial(map, _instant),),
    Kind.COUNT: (),
    Kind.POWER: (partial(map, units.mw),),
    Kind.ENERGY: (partial(map, units.mwh),),
    Kind.MONEY: (partial(map, _money),),
    Kind.PRICE: (partial(starmap, units.eur_per_mwh),),
    Kind.PERCENT: (partial(starmap, _percent),),
}
"""What makes values of JSON of exact ones: amounts, days and instants are text, text and counts stay what they are."""


_TEXT_STEPS: Final[Mapping[Kind, tuple[Step, ...]]] = {
    Kind.TEXT: (partial(map, text_of),),
    Kind.INSTANT: (partial(map, _instant_text),),
    Kind.COUNT: (partial(map, str),),
    Kind.PRICE: (partial(starmap, _price_text),),
}
"""What makes JSON text of exact values in fewer steps; of other kinds it is the text of JSON in quotes."""


def line_json(line: Line) -> dict[str, Any]:
    """Return a line as the API shows it."""
    return lines_json([line])[0]


def lines_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return lines as the API shows them."""
    return _in_order(lines, partial(_objects, columns=LINE), partial(_objects, columns=_LASTING, constant=_OF_NOBODY))


def lines_text(lines: Sequence[Line]) -> list[str]:
    """Return lines as JSON text, column by column: a day has 26 lines of twenty figures, a year has thousands."""
    return _in_order(lines, partial(_texts, parts=_TRADED), partial(_texts, parts=_EMPTY))


def card_json(card: Card) -> dict[str, Any]:
    """Return a card as the API shows it; an object without any value is null."""
    shown: dict[str, Any] = {}
    for column in CARD:
        [value] = _through(_STEPS[column.kind], [column.value(card)])
        if column.inside is None:
            shown[column.name] = value
            continue
        name, member = column.inside
        if shown.setdefault(name, None if value is None else {}) is not None:
            shown[name][member] = value
    return shown


def _in_order(lines: Sequence[Line], of_traded: Shown[T], of_empty: Shown[T]) -> list[T]:
    """Show lines with and without trades apart: the greater part of the latter is the same."""
    is_empty = [line.totals == NOTHING for line in lines]
    empty = of_empty(list(compress(lines, is_empty))) if any(is_empty) else iter(())
    traded = of_traded(list(compress(lines, map(not_, is_empty)))) if not all(is_empty) else iter(())
    return [next(empty if one else traded) for one in is_empty]


def _objects(
    lines: Sequence[Line], columns: Sequence[Column[Line]], constant: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[dict[str, Any]]:
    names = [column.name for column in columns]
    values = (_through(_STEPS[column.kind], map(column.value, lines)) for column in columns)
    return ({**constant, **dict(zip(names, row, strict=True))} for row in zip(*values, strict=True))


def _texts(lines: Sequence[Line], parts: Sequence[str | Sequence[Step]]) -> Iterator[str]:
    columns = (repeat(part) if isinstance(part, str) else _through(part, lines) for part in parts)
    return map("".join, zip(*columns, strict=False))  # as many as there are lines: what is the same for all has no end


def _through(steps: Iterable[Step], values: Iterable[Any]) -> Iterable[Any]:
    for step in steps:
        values = step(values)
    return values


def _parts(constant: Mapping[str, Any]) -> list[str | Sequence[Step]]:
    """Return the text of a line in parts: what is the same for all lines, and the steps to the text of a value.

    Constant figures are the same for all.
    """
    parts: list[str | Sequence[Step]] = []
    same = "{"
    for column in LINE:
        mark = "" if column.nullable or column.kind in _TEXT_STEPS else '"'
        same += f'"{column.name}":'
        if column.name in constant:
            same += f"{compact(constant[column.name])},"
        else:
            parts += [same + mark, (partial(map, column.value), *_steps_to_text(column))]
            same = f"{mark},"
    return [*parts, f"{same[:-1]}}}"]


def _steps_to_text(column: Column[Line]) -> tuple[Step, ...]:
    steps = _TEXT_STEPS.get(column.kind, _STEPS[column.kind])
    return (*steps, partial(map, plain)) if column.nullable and column.kind not in _TEXT_STEPS else steps


_LASTING: Final = tuple(column for column in LINE if not column.of_trades)
_OF_NOBODY: Final = next(_objects([Line("", None, 0, NOTHING)], LINE))
"""An hour nobody traded in; the columns that do not depend on trades are each line's own."""
_TRADED: Final = _parts({})
_EMPTY: Final = _parts({column.name: _OF_NOBODY[column.name] for column in LINE if column.of_trades})
