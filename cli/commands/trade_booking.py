"""`voltbook trades book`: one trade from options, or many from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from chalicelib.common.errors import InvalidRequest, NotAllowed, VoltbookError
from chalicelib.common.timestamps import format_utc
from chalicelib.positions.model import VENUE
from chalicelib.trades.model import State, parse_trade
from chalicelib.trades.rules import Outcome
from chalicelib.trades.statement import parse_statement
from cli import exit_codes
from cli.client.connect import open_book
from cli.exit_codes import DONE, code_of
from cli.options import DAY, book_command
from cli.output.json import Json
from cli.output.listing import write_listing
from cli.render.trades import outcomes_table
from cli.terminal import say
from cli.trade_input import Fields, fields_in, fields_of, in_v1_form

if TYPE_CHECKING:
    from cli.client.operations import Client

_NOT_COUNTING: Final = frozenset(state.value for state in State if not state.counts)

FIELD_OPTIONS: Final = {
    "id": "Id from the venue.",
    "venue": "Venue: epex, epex-da, epex-ida, nordpool, nordpool-da, otc or internal.",
    "direction": "Direction: buy or sell.",
    "delivery_start": "Start of delivery, such as 2026-06-14T11:15:00Z.",
    "delivery_end": "End of delivery, on the same day in Berlin.",
    "quantity_mw": "Power in MW with up to 3 decimals, such as 0.1.",
    "price_eur_mwh": "Price in EUR/MWh with up to 2 decimals, may be negative.",
    "trader_id": "Trader of the trade.",
    "execution_time": "Time of execution, such as 2026-06-14T10:00:00Z.",
    "area": "Area of delivery: its EIC code or a name such as AMP.",
    "strategy": "Bot or strategy that traded.",
    "order_id": "Id of the order.",
    "text": "Any text.",
    "product": "Name of the product.",
    "state": "State at the venue, such as active or recalled.",
    "venue_revision": "The venue's number of this statement.",
    "price": "In place of --price-eur-mwh: price in eurocent/MWh.",
    "quantity": "In place of --quantity-mw: whole MW.",
    "delivery_day": "In place of --delivery-start and -end: delivery day (Berlin).",
    "delivery_hour": "With --delivery-day and --price: delivery hour, 0 to 23 (Berlin).",
    "period": "With --delivery-day: base, peak, 13, 13:15 or 13:15-14:30 (Berlin).",
}
COLUMNS: Final = ("id", "outcome", "reason", "venue", "direction")
MAX_ARRAY: Final = 100
MAX_ARRAY_BYTES: Final = 200_000
"""Below the API's limit, 256 KiB."""
_A_QUARTER: Final = """voltbook trades book --venue epex --id T-2 --direction sell \\
  --delivery-day 2026-06-14 --period 13:15 \\
  --quantity-mw 0.5 --price-eur-mwh 61.37 --trader-id trader_1 \\
  --execution-time 2026-06-14T09:30:00Z"""
_AN_HOUR: Final = """voltbook trades book --id T-1 --price 5000 --quantity 10 --direction buy \\
  --delivery-day 2026-06-14 --delivery-hour 13 --trader-id trader_1 \\
  --execution-time 2026-06-14T09:30:00Z"""


def _field_options(command: click.decorators.FC) -> click.decorators.FC:
    for name, help_text in reversed(FIELD_OPTIONS.items()):
        names = dict.fromkeys((f"--{name.replace('_', '-')}", f"--{name}"))
        kind = DAY if name == "delivery_day" else None
        command = click.option(*names, name, type=kind, help=help_text)(command)
    return command


@book_command("book", _AN_HOUR, _A_QUARTER, "voltbook trades book trades.csv", "voltbook trades book - < trades.json")
@click.argument("trades_file", metavar="[FILE]", type=click.File("rb"), required=False)
@_field_options
@click.option("--json", "source", type=click.File("rb"), help="The same as FILE.")
def book(trades_file: BinaryIO | None, source: BinaryIO | None, output: str | None, **options: Any) -> int:  # noqa: ANN401 - a field each
    """Book one trade; from a FILE of JSON or CSV (- for stdin), one or many of them.

    JSON is an object or an array; the columns of CSV have the names of the fields. `voltbook trades list --full` prints
    both. Booking the same trade again changes nothing. Refused trades of a file are listed with all their problems and
    the others are booked; the exit code is then 1. Unusual values, such as an execution after delivery, are warnings on
    stderr and in the JSON output.
    """
    if trades_file is not None and source is not None:
        raise click.UsageError("give the file of trades once: as FILE or with --json")
    given = _given(trades_file or source, options)
    outcomes: list[Json] = []
    code = 0
    try:
        for outcome, exit_code in _booked(open_book(), given):
            outcomes.append(outcome)
            code = exit_codes.worst(code, exit_code)
    finally:
        if outcomes:
            write_listing(COLUMNS, outcomes, outcomes_table, output)
    return code


def _given(source: BinaryIO | None, options: dict[str, Any]) -> list[Fields]:
    fields = fields_of(_with_times(options))
    if (source is None) == (not fields):
        raise click.UsageError("give either the fields of a trade, or a FILE of JSON or CSV (- for stdin)")
    if source is not None:
        return fields_in(source.read())
    try:
        if in_v1_form(fields):
            parse_trade(fields)
        else:
            parse_statement(fields)
    except InvalidRequest as error:
        problems = "; ".join(f"--{problem.field.replace('_', '-')} {problem.message}" for problem in error.problems)
        raise click.UsageError(f"{error.message}: {problems}") from error
    return [fields]


def _with_times(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the times of delivery in place of `--period`."""
    if (period := options.pop("period")) is None:
        return options
    from cli.delivery_period import period_of

    if (day := options.pop("delivery_day")) is None:
        raise click.UsageError("--period goes with --delivery-day")
    try:
        start, end = period_of(day, period)
    except ValueError as error:
        raise click.UsageError(f"--period {error}") from error
    return options | {"delivery_start": format_utc(start), "delivery_end": format_utc(end)}


def _booked(opened: Client, given: Sequence[Fields]) -> Iterator[tuple[Json, int]]:
    """Book trades in their order; a refusal concerns one trade, any other error ends the run."""
    for of_v1, trades in groupby(given, key=in_v1_form):
        if of_v1:
            for fields in trades:
                yield _posted(opened, fields)
        else:
            for array in _arrays(trades):
                yield from map(_stated, array, opened.state_trades(array))


def _posted(opened: Client, fields: Fields) -> tuple[Json, int]:
    try:
        answer = opened.book_trade(parse_trade(fields))
    except (InvalidRequest, NotAllowed) as error:
        return _refused(fields, error.message, _problems(error)) | _side(fields), code_of(error)
    return _done({"trade": fields, **answer}) | _side(fields), DONE


def _arrays(trades: Iterator[Fields]) -> Iterator[list[Fields]]:
    """Yield arrays that the API takes."""
    array: list[Fields] = []
    size = 0
    for fields in trades:
        length = len(json.dumps(fields, default=str))
        if array and (len(array) == MAX_ARRAY or size + length > MAX_ARRAY_BYTES):
            yield array
            array, size = [], 0
        array.append(fields)
        size += length
    yield array


def _stated(fields: Fields, result: Json) -> tuple[Json, int]:
    if result["outcome"] == "refused":
        refused = _refused(fields, result["message"], result["problems"])
        return refused | _side(fields), exit_codes.of_code(result["code"])
    return _done(result) | _side(fields), DONE


def _side(fields: Fields) -> Json:
    """Return what tells trades of one id apart; a trade in the v1 form is of the exchange."""
    venue = VENUE if in_v1_form(fields) else fields.get("venue")
    return {"venue": venue, "direction": fields.get("direction")}


def _done(answer: Json) -> Json:
    trade_id, warnings = answer["trade"]["id"], answer.get("warnings", [])
    for warning in warnings:
        say(f"warning: trade {trade_id}: {warning['field']} {warning['message']}")
    outcome = {"id": trade_id, "outcome": answer["outcome"], "reason": _what_counts(answer), "problems": []}
    return outcome | ({"warnings": warnings} if warnings else {})


def _what_counts(answer: Json) -> str | None:
    """Return what the book has, if it is not the trade as it was given."""
    trade = answer["trade"]
    if trade.get("state") in _NOT_COUNTING:
        return f"{trade['state']} at its venue: it does not count"
    if answer["outcome"] == Outcome.STALE:
        return f"the book has its venue_revision {trade['venue_revision']}"
    return None


def _problems(error: VoltbookError) -> list[Json]:
    return [{"field": problem.field, "message": problem.message} for problem in error.problems]


def _refused(fields: Fields, message: str, problems: Sequence[Json]) -> Json:
    trade_id = fields.get("id")
    return {
        "id": trade_id if isinstance(trade_id, str) else None,
        "outcome": "refused",
        "reason": "; ".join(f"{problem['field']}: {problem['message']}" for problem in problems) or message,
        "problems": problems,
    }
