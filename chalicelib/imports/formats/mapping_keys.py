"""The keys of a mapping file and what each may hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Final

from chalicelib.common.fields import InvalidValue
from chalicelib.imports.formats.cells import THOUSANDS, form_problem, zone_of_name
from chalicelib.imports.formats.reading import Kind
from chalicelib.prices.period_price import read_set, read_zone
from chalicelib.trades.areas import area_code
from chalicelib.trades.model import State
from chalicelib.trades.statement import STATED
from chalicelib.trades.venues import venue_of

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1", "iso-8859-15", "cp850")
SEPARATORS: Final = (";", ",", "\t", "|")
TRADE_FIELDS: Final = (*STATED, "day", "minutes", "period")
PRICE_FIELDS: Final = ("set", "zone", "start", "end", "minutes", "period", "day", "product", "price_eur_mwh")
TIMES: Final = ("delivery_start", "delivery_end", "execution_time", "start", "end", "period", "day")
_PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")
_TEMPLATE_FIELDS: Final = frozenset({"file_day", "id", "venue", "day", "product", "direction"})


class Fault(Exception):
    """The message says what was expected."""


def read_text(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise Fault("must be text")


def one_of(*choices: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise Fault(f"must be one of {', '.join(repr(str(choice)) for choice in choices)}")

    return read


def read_texts(value: object) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and listed and all(isinstance(one, str) and one for one in listed):
        return tuple(listed)
    raise Fault("must be text or a list of texts")


def _zone(value: object) -> tzinfo:
    try:
        return zone_of_name(read_text(value))
    except ValueError as error:
        raise Fault(str(error)) from error


def _line_number(value: object) -> int:
    if type(value) is int and 1 <= value <= 100:  # noqa: PLR2004 - within the head of any file
        return value
    raise Fault("must be the number of a line, from 1 to 100")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise Fault("must be true or false")


def read_name(value: object) -> str:
    if isinstance(value, str) and NAME.fullmatch(value):
        return value
    raise Fault("must be 1 to 32 lower case letters, digits, - or _")


def _template(value: object) -> str:
    names = set(_PLACEHOLDER.findall(read_text(value)))
    if "id" not in names or names - _TEMPLATE_FIELDS or re.search(r"[{}]", _PLACEHOLDER.sub("", str(value))):
        raise Fault(f"must contain {{id}} and nothing else in braces than {', '.join(sorted(_TEMPLATE_FIELDS))}")
    return str(value)


def read_form(value: object) -> str:
    problem = form_problem(read_text(value))
    if problem is not None:
        raise Fault(problem)
    return str(value)


def _checked(read: Callable[[str], str], value: object) -> str:
    try:
        return read(read_text(value))
    except (ValueError, InvalidValue) as error:
        raise Fault(str(error)) from error


SIMPLE: Final[Mapping[str, Callable[[object], object]]] = {
    "name": read_name,
    "kind": lambda value: Kind(one_of(*Kind)(value)),
    "recognise": read_texts,
    "separator": one_of(*SEPARATORS),
    "decimal": one_of(".", ","),
    "thousands": one_of(*THOUSANDS),
    "encoding": one_of(*ENCODINGS),
    "timezone": _zone,
    "header_line": _line_number,
    "final_line_end": _flag,
    "id_template": _template,
    "venue": lambda value: _checked(venue_of, value),
}
WORDS: Final[Mapping[str, Callable[[object], str]]] = {
    "direction": one_of("buy", "sell"),
    "state": one_of(*State),
    "venues": lambda value: _checked(venue_of, value),
    "areas": lambda value: _checked(area_code, value),
    "zones": lambda value: _checked(read_zone, value),
    "sets": lambda value: _checked(read_set, value),
    "traders": read_text,
    "products": read_text,
}
CELLS: Final = ("only", "skip", "expect")
TABLES: Final = (*WORDS, *CELLS, "columns", "constants", "formats")
