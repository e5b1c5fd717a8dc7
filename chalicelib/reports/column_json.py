"""Lines and cards as JSON and as JSON text; exact values are rounded only here."""

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
Render = Callable[[Sequence[Line]], Iterator[T]]
Step = Callable[[Iterable[Any]], Iterable[Any]]
"""Converts one column's values for all lines of a report at once."""

# `json.dumps` would make one for each call. The functions below join parts that are JSON text already.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


def compact(value: object) -> str:
    return _ENCODER.encode(value)


def text_of(name: str | None) -> str:
    return "null" if name is None else encode_basestring_ascii(name)


def plain(text: object | None) -> str:
    """Return JSON text of a string that needs no escaping, or null."""
    return "null" if text is None else f'"{text}"'


def joined(parts: Iterable[str]) -> str:
    return f"[{','.join(parts)}]"


def members(**parts: str) -> str:
    return "{" + ",".join(f'"{name}":{part}' for name, part in parts.items()) + "}"


@lru_cache(maxsize=1024)
def _instant(start: datetime | None) -> str | None:
    return None if start is None else format_utc(start)


@lru_cache(maxsize=1024)
def _instant_text(start: datetime | None) -> str:
    return plain(_instant(start))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _money(cash: int | None) -> str | None:
    return None if cash is None else units.eur(cash)


def _price_text(cash: int | None, energy: int) -> str:
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
"""From exact values to JSON values: amounts, days and instants become text; text and counts stay as they are."""


_TEXT_STEPS: Final[Mapping[Kind, tuple[Step, ...]]] = {
    Kind.TEXT: (partial(map, text_of),),
    Kind.INSTANT: (partial(map, _instant_text),),
    Kind.COUNT: (partial(map, str),),
    Kind.PRICE: (partial(starmap, _price_text),),
}
"""From exact values directly to JSON text, where that is faster; other kinds are JSON values in quotes."""


def line_json(line: Line) -> dict[str, Any]:
    return lines_json([line])[0]


def lines_json(lines: Sequence[Line]) -> list[dict[str, Any]]:
    empty = partial(_objects, columns=_OWN_COLUMNS, constant=_EMPTY_LINE)
    return _in_order(lines, partial(_objects, columns=LINE), empty)


def lines_text(lines: Sequence[Line]) -> list[str]:
    """Return lines as JSON text, made column by column because a year has thousands of lines."""
    return _in_order(lines, partial(_texts, parts=_TRADED_PARTS), partial(_texts, parts=_EMPTY_PARTS))


def card_json(card: Card) -> dict[str, Any]:
    """Return a card as JSON; a nested object without values is null."""
    shown: dict[str, Any] = {}
    for column in CARD:
        [value] = _apply(_STEPS[column.kind], [column.value(card)])
        if column.inside is None:
            shown[column.name] = value
            continue
        name, member = column.inside
        if shown.setdefault(name, None if value is None else {}) is not None:
            shown[name][member] = value
    return shown


def _in_order(lines: Sequence[Line], render_traded: Render[T], render_empty: Render[T]) -> list[T]:
    """Render lines without trades separately, because most of their columns are the same."""
    is_empty = [line.totals == NOTHING for line in lines]
    empty = render_empty(list(compress(lines, is_empty))) if any(is_empty) else iter(())
    traded = render_traded(list(compress(lines, map(not_, is_empty)))) if not all(is_empty) else iter(())
    return [next(empty if line_is_empty else traded) for line_is_empty in is_empty]


def _objects(
    lines: Sequence[Line], columns: Sequence[Column[Line]], constant: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[dict[str, Any]]:
    names = [column.name for column in columns]
    values = (_apply(_STEPS[column.kind], map(column.value, lines)) for column in columns)
    return ({**constant, **dict(zip(names, row, strict=True))} for row in zip(*values, strict=True))


def _texts(lines: Sequence[Line], parts: Sequence[str | Sequence[Step]]) -> Iterator[str]:
    columns = (repeat(part) if isinstance(part, str) else _apply(part, lines) for part in parts)
    return map("".join, zip(*columns, strict=False))  # `repeat` has no end


def _apply(steps: Iterable[Step], values: Iterable[Any]) -> Iterable[Any]:
    for step in steps:
        values = step(values)
    return values


def _parts(constant: Mapping[str, Any]) -> list[str | Sequence[Step]]:
    """Return the constant text of a line in parts, and between them the steps to a value's text."""
    parts: list[str | Sequence[Step]] = []
    text = "{"
    for column in LINE:
        quote = "" if column.nullable or column.kind in _TEXT_STEPS else '"'
        text += f'"{column.name}":'
        if column.name in constant:
            text += f"{compact(constant[column.name])},"
        else:
            parts += [text + quote, (partial(map, column.value), *_steps_to_text(column))]
            text = f"{quote},"
    return [*parts, f"{text[:-1]}}}"]


def _steps_to_text(column: Column[Line]) -> tuple[Step, ...]:
    steps = _TEXT_STEPS.get(column.kind, _STEPS[column.kind])
    return (*steps, partial(map, plain)) if column.nullable and column.kind not in _TEXT_STEPS else steps


_OWN_COLUMNS: Final = tuple(column for column in LINE if not column.of_trades)
_EMPTY_LINE: Final = next(_objects([Line("", None, 0, NOTHING)], LINE))
"""A line without trades, whose `_OWN_COLUMNS` are replaced by those of each line."""
_TRADED_PARTS: Final = _parts({})
_EMPTY_PARTS: Final = _parts({column.name: _EMPTY_LINE[column.name] for column in LINE if column.of_trades})
