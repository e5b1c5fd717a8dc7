"""PowerBot's own trades: a JSON list whose entries have one or, of a self-trade, both sides of the desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, Final

from chalicelib.common.csv_records import UnreadableFile
from chalicelib.common.errors import InvalidJson, InvalidTrade, Problem, TooLarge
from chalicelib.common.fields import shown_value
from chalicelib.common.strict_json import NotWhole, kind_of, read_value
from chalicelib.imports.formats.head import Head
from chalicelib.imports.formats.reading import Kind, Row, about
from chalicelib.positions.model import Direction
from chalicelib.trades.model import State
from chalicelib.trades.statement import Statement, parse_statement

MAX_BYTES: Final = 64 * 1024 * 1024
STATES: Final = {
    "ACTI": State.ACTIVE,
    "RREQ": State.RECALL_REQUESTED,
    "RSFA": State.RECALL_SENT,
    "RGRA": State.RECALLED,
    "RREJ": State.RECALL_REJECTED,
    "CREQ": State.CANCEL_REQUESTED,
    "CREJ": State.CANCEL_REJECTED,
    "CNCL": State.CANCELLED,
}
"""Of M7, the trading system of EPEX and others."""
_OWN: Final = {
    "venue": "exchange",
    "id": "trade_id",
    "delivery_start": "delivery_start",
    "delivery_end": "delivery_end",
    "quantity_mw": "quantity",
    "price_eur_mwh": "price",
    "execution_time": "exec_time",
}
_NAMES: Final = {**_OWN, "product": "prod"}
_NAMES_OF_SIDES: Final = {
    "area": "delivery_area",
    "order_id": "order_id",
    "strategy": "txt",
    "text": "txt",
    "trader_id": "portfolio_id",
}
"""The file's names for the fields of a trade."""
NAME: Final = "powerbot"
_NUMBERS: Final = frozenset({"quantity_mw", "price_eur_mwh"})


@dataclass(frozen=True, slots=True)
class PowerBot:
    """`traders` are by portfolio; without any the portfolio is the trader. `strategy_from` is `txt` or nothing."""

    mapping: str | None = None
    traders: Mapping[str, str] = field(default_factory=dict)
    strategy_from: str | None = None

    @property
    def name(self) -> str:
        return NAME

    @property
    def kind(self) -> Kind:
        return Kind.TRADES

    @property
    def recognised_by(self) -> str:
        return "a JSON list with trade_id and buy_delivery_area or sell_delivery_area, or without entries"

    def recognises(self, head: Head) -> bool:
        areas = {"buy_delivery_area", "sell_delivery_area"}
        return head.is_empty_list or (head.is_json and "trade_id" in head.keys and bool(areas & head.keys))

    def likeness(self, head: Head) -> int:
        return len({*_OWN.values(), "buy", "sell"} & head.keys)

    def read(self, content: BinaryIO, head: Head, file_day: date | None = None) -> Iterator[Row]:  # noqa: ARG002 - a Format
        body = content.read(MAX_BYTES + 1).removeprefix(b"\xef\xbb\xbf")
        try:
            entries = read_value(body, MAX_BYTES, "the file")
        except (InvalidJson, TooLarge) as error:
            raise UnreadableFile(error.message) from error
        if not isinstance(entries, list):
            raise UnreadableFile(f"the file must be a JSON list of trades, got {kind_of(entries)}")
        for number, entry in enumerate(entries, start=1):
            yield self._row(number, entry)

    def _row(self, number: int, entry: object) -> Row:
        if not isinstance(entry, dict):
            return Row(number, problems=(Problem("row", f"must be an object, got {kind_of(entry)}"),))
        problems = [
            Problem(name, f"must be true or false, got {shown_value(entry.get(name))}")
            for name in ("buy", "sell")
            if not isinstance(entry.get(name), bool)
        ]
        sides = [side for side in Direction if entry.get(side.value) is True]
        if not problems and not sides:
            problems = [Problem("row", "is no own trade: buy and sell are both false")]
        statements: list[Statement] = []
        for side in sides:
            try:
                statements.append(self._statement(entry, side))
            except InvalidTrade as invalid:
                problems += (problem for problem in invalid.problems if problem not in problems)
        if not problems:
            return Row(number, tuple(statements))
        named = {"venue": entry.get("exchange"), "id": _text(entry.get("trade_id"))}
        found = [about({**named, "direction": side.value}) for side in sides] or [about(named)]
        return Row(number, problems=tuple(problems), about=tuple(side for sides in found for side in sides))

    def _statement(self, entry: Mapping[str, object], side: Direction) -> Statement:
        def of_side(name: str) -> object:
            value = entry.get(f"{side.value}_{name}")
            return None if value == "" else value

        text, portfolio = of_side("txt"), of_side("portfolio_id")
        fields: dict[str, object] = {name: _value(name, entry[key]) for name, key in _OWN.items() if key in entry}
        fields |= {
            "direction": side.value,
            "area": of_side("delivery_area"),
            "order_id": _text(of_side("order_id")),
            "strategy" if self.strategy_from == "txt" else "text": text,
            "product": entry.get("prod"),
        }
        problems = []
        trader = self.traders.get(str(portfolio)) if self.traders else portfolio
        if trader is None:
            expected, known = "text", ""
            if self.traders:
                expected, known = "a portfolio of the mapping", f"; it has {', '.join(self.traders)}"
            message = f"must be {expected}, got {shown_value(portfolio)}{known}"
            problems = [Problem(f"{side.value}_portfolio_id", message)]
        if "state" in entry:
            state = entry["state"]
            if isinstance(state, str) and state in STATES:
                fields["state"] = STATES[state].value
            else:
                problems.append(Problem("state", f"must be one of {', '.join(STATES)}, got {shown_value(state)}"))
        try:
            statement = parse_statement({**fields, "trader_id": trader})
        except InvalidTrade as invalid:
            found = [one for one in invalid.problems if trader is not None or one.field != "trader_id"]
            problems += (Problem(_name(one.field, side), one.message) for one in found)
        if problems:
            raise InvalidTrade(tuple(problems))
        return statement


def _value(name: str, value: object) -> object:
    if name not in _NUMBERS:
        return _text(value)
    if isinstance(value, NotWhole):
        return _without_zeros(value.text)
    return str(value) if type(value) is int else value


def _text(value: object) -> object:
    return str(value) if type(value) is int else value


def _without_zeros(text: str) -> str:
    whole, point, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0')}".rstrip(".") if point and decimals.isdigit() else text


def _name(name: str, side: Direction) -> str:
    own = _NAMES_OF_SIDES.get(name)
    return f"{side.value}_{own}" if own else _NAMES.get(name, name)
