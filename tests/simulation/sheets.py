"""The formats in which other senders write: how each states trades, and how it fails to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import Any, Final, Protocol

from chalicelib.feeds.feed import Feed
from chalicelib.imports.file_reader import FileReader
from chalicelib.imports.format_reader import reader_of
from chalicelib.imports.formats.mapping import format_of
from chalicelib.imports.formats.mapping_file import read_mapping
from chalicelib.imports.formats.powerbot import STATES
from chalicelib.imports.formats.reading import Format
from chalicelib.trades.statement import Statement
from tests.simulation.statements import shown

Line = Sequence[Statement]
"""What one row states: a side, or both of a trade."""
BAD: Final = ({"price_eur_mwh": "x"}, {"quantity_mw": "0"}, {"direction": "hold"})
"""What makes a row no trade; the last hides its direction."""
HIDDEN: Final = 2
BLOTTER: Final = """
recognise = ["Nummer", "K/V", "Lieferbeginn"]
separator = ";"
decimal = ","
timezone = "UTC"

[columns]
venue = "Markt"
id = "Nummer"
direction = "K/V"
delivery_start = "Lieferbeginn"
delivery_end = "Lieferende"
quantity_mw = "Menge"
price_eur_mwh = "Preis"
trader_id = "Person"
execution_time = "Abschluss"
area = "Zone"
strategy = "Buch"
text = "Notiz"
state = "Status"
venue_revision = "Stand"

[formats]
delivery_start = "%d.%m.%Y %H:%M"
delivery_end = "%d.%m.%Y %H:%M"
execution_time = "%d.%m.%Y %H:%M:%S"

[direction]
K = "buy"
V = "sell"
"""
COLUMNS: Final = (
    "venue",
    "id",
    "direction",
    "delivery_start",
    "delivery_end",
    "quantity_mw",
    "price_eur_mwh",
    "trader_id",
    "execution_time",
    "area",
    "strategy",
    "text",
    "state",
    "venue_revision",
)


class Sheet(Protocol):
    @property
    def format(self) -> str:
        """The format of the feed's settings."""

    @property
    def first(self) -> int:
        """The number of the first row."""

    @property
    def pairs(self) -> bool:
        """Whether both sides of a trade are one row."""

    def said(self, statement: Statement) -> Statement:
        """Return what the format can say of a statement."""

    def row(self, line: Line) -> str: ...

    def bad(self, line: Line, kind: int) -> str:
        """Return a row that is no trade."""

    def whole(self, rows: Sequence[str]) -> str: ...


class OwnTable:
    """CSV with the fields of the v2 form."""

    format = "voltbook-v2"
    first = 2
    pairs = False

    def said(self, statement: Statement) -> Statement:
        return statement

    def row(self, line: Line) -> str:
        return ",".join(_cells(line))

    def bad(self, line: Line, kind: int) -> str:
        return ",".join(_cells(line, BAD[kind]))

    def whole(self, rows: Sequence[str]) -> str:
        return "\n".join([",".join(COLUMNS), *rows, ""])


class Blotter:
    """A mapped CSV with German words."""

    format = "mapping:blotter"
    first = 2
    pairs = False

    def said(self, statement: Statement) -> Statement:
        return statement

    def row(self, line: Line) -> str:
        return ";".join(map(_german, COLUMNS, _cells(line)))

    def bad(self, line: Line, kind: int) -> str:
        return ";".join(map(_german, COLUMNS, _cells(line, BAD[kind])))

    def whole(self, rows: Sequence[str]) -> str:
        header = "Markt;Nummer;K/V;Lieferbeginn;Lieferende;Menge;Preis;Person;Abschluss;Zone;Buch;Notiz;Status;Stand"
        return "\n".join([header, *rows, ""])


class PowerBotList:
    """PowerBot's own trades, without numbers and strategies; an entry may have both sides."""

    format = "powerbot"
    first = 1
    pairs = True

    def said(self, statement: Statement) -> Statement:
        return statement._replace(trade=statement.trade._replace(venue_revision=None, strategy=None))

    def row(self, line: Line) -> str:
        return json.dumps(_entry(line))

    def bad(self, line: Line, kind: int) -> str:
        faults: tuple[dict[str, object], ...] = ({"price": "x"}, {"quantity": 0}, {"buy": "yes", "sell": None})
        return json.dumps(_entry(line) | faults[kind])

    def whole(self, rows: Sequence[str]) -> str:
        return f"[{', '.join(rows)}]"


SHEETS: Final[Sequence[Sheet]] = (OwnTable(), Blotter(), PowerBotList())


@lru_cache(maxsize=1)
def mappings() -> Sequence[Format]:
    """Return the mappings that the simulated senders need."""
    return (format_of(read_mapping(BLOTTER.encode(), "blotter.toml")),)


def sheet_of(feed: Feed, seed: int) -> Sheet:
    """Return the format in which the sender of a feed writes."""
    if feed.format == "auto":
        return Random(f"{feed.name} {seed}").choice(SHEETS)
    return next(sheet for sheet in SHEETS if sheet.format == feed.format)


@lru_cache(maxsize=256)
def reader_of_feed(feed: Feed) -> FileReader:
    return reader_of(feed.format, mappings, feed.venue)


def _cells(line: Line, bad: dict[str, str] | None = None) -> list[str]:
    [statement] = line
    fields: dict[str, Any] = shown(statement.trade) | (bad or {})
    if not statement.about_state:
        fields["state"] = None
    return ["" if fields[name] is None else str(fields[name]) for name in COLUMNS]


def _german(name: str, cell: str) -> str:
    if name in {"delivery_start", "delivery_end", "execution_time"}:
        day, clock = cell.removesuffix("Z").split("T")
        year, month, number = day.split("-")
        return f"{number}.{month}.{year} {clock if name == 'execution_time' else clock[:5]}"
    if name in {"quantity_mw", "price_eur_mwh"}:
        return cell.replace(".", ",")
    return {"buy": "K", "sell": "V"}.get(cell, cell) if name == "direction" else cell


def _entry(line: Line) -> dict[str, object]:
    trade, about_state = line[0]
    fields = shown(trade)
    entry: dict[str, object] = {
        "trade_id": trade.id,
        "exchange": trade.venue,
        "exec_time": trade.execution_time,
        "buy": False,
        "sell": False,
        "delivery_start": fields["delivery_start"],
        "delivery_end": fields["delivery_end"],
        "price": trade.price / 100,
        "quantity": trade.kw / 1000,
        "buy_delivery_area": "",
        "sell_delivery_area": "",
    }
    if about_state:
        entry["state"] = next(name for name, state in STATES.items() if state is trade.state)
    for side, _ in line:
        name = side.direction.value
        entry |= {name: True, f"{name}_portfolio_id": side.trader_id, f"{name}_delivery_area": side.area or ""}
        entry[f"{name}_txt"] = side.text or ""
    return entry
