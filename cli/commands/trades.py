"""`voltbook trades`: list, show, book and withdraw trades."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import click

from chalicelib.common import clock
from chalicelib.common.delivery import days_between
from chalicelib.common.errors import InvalidRequest, NotAllowed, VoltbookError
from chalicelib.trades.model import FIELDS, parse_trade
from cli import exit_codes
from cli.client.connect import open_book
from cli.exit_codes import DONE, code_of
from cli.lazy_group import group
from cli.options import DAY, REASON, book_command, days_options
from cli.output.json import Json
from cli.output.listing import chosen, write_json, write_listing
from cli.render.trades import REVISION_COLUMNS, history_table, outcomes_table, revision_row, trade_table, trades_table
from cli.similar_traders import say_if_unknown
from cli.terminal import agrees, say
from cli.trade_input import fields_in, fields_of

if TYPE_CHECKING:
    from cli.client.operations import Client

FIELD_OPTIONS: Final = {
    "id": "Id from the exchange.",
    "price": "Price in eurocent/MWh, may be negative.",
    "quantity": "Quantity in MW, above 0.",
    "direction": "Direction: buy or sell.",
    "delivery_day": "Delivery day as YYYY-MM-DD (Berlin).",
    "delivery_hour": "Delivery hour, 0 to 23 (Berlin).",
    "trader_id": "Trader of the trade.",
    "execution_time": "Time of execution, such as 2026-06-14T10:00:00Z.",
}
COLUMNS: Final = ("id", "outcome", "reason")
_BY_FIELDS: Final = """voltbook trades book --id T-1 --price 5000 --quantity 10 --direction buy \\
  --delivery-day 2026-06-14 --delivery-hour 13 --trader-id trader_1 \\
  --execution-time 2026-06-14T09:30:00Z"""


@group("trades", "voltbook trades list --trader trader_1 --day 2026-06-14", "voltbook trades list -o json")
def trades() -> None:
    """List, show, book and withdraw trades."""


@book_command(
    "list",
    "voltbook trades list --trader trader_1 --day yesterday",
    "voltbook trades list --start-day 2026-06-13 --end-day 2026-06-16 -o csv",
    "voltbook trades list --unconfirmed",
    of=trades,
)
@click.option("--trader", help="Only trades of this trader.")
@click.option("--day", type=DAY, help="Only trades delivered on this day.")
@days_options("delivery day")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N trades (default: all).")
@click.option("--unconfirmed", is_flag=True, help="Only posted trades that no file contains.")
def list_(
    trader: str | None,
    day: date | None,
    start_day: date | None,
    end_day: date | None,
    limit: int | None,
    unconfirmed: bool,
    output: str | None,
) -> None:
    """List trades; those of a trader or of days are in order of delivery.

    Default: all trades. For a single day, give just one option. An unconfirmed trade was posted, and the imported file
    of the day of its execution does not contain it; by default those are listed that are delivered from seven days ago
    to tomorrow.
    """
    if day is not None and (start_day or end_day):
        raise click.UsageError("give either --day, or --start-day and --end-day")
    first = day or start_day or end_day
    days = _default_days(unconfirmed) if first is None else days_between(first, end_day or first)
    book = open_book()

    def listed(day: date | None) -> Iterable[Json]:
        return book.list_unconfirmed(trader, day) if unconfirmed and day else book.list_trades(trader, day, limit)

    found = islice(chain.from_iterable(map(listed, days)), limit)
    head = list(islice(found, 1))
    if trader is not None and not head and not unconfirmed:
        say_if_unknown(trader, book)
    write_listing(FIELDS, chain(head, found), trades_table, output)


def _default_days(unconfirmed: bool) -> Sequence[date | None]:
    if not unconfirmed:
        return [None]
    from chalicelib.imports.unconfirmed import days_to_search

    return days_to_search(clock.clock().now())


@book_command("show", "voltbook trades show T-1", "voltbook trades show T-1 --history -o json", of=trades)
@click.argument("trade_id", metavar="ID")
@click.option("--history", is_flag=True, help="Show all revisions, newest first.")
def show(trade_id: str, history: bool, output: str | None) -> None:
    """Show one trade; with --history, all its revisions with their sources."""
    is_json = chosen(output) == "json"
    book = open_book()
    if history:
        revisions = book.trade_history(trade_id)
        rows = revisions if is_json else [revision_row(revision) for revision in revisions]
        write_listing(REVISION_COLUMNS, rows, history_table, output)
    elif is_json:
        write_json(book.show_trade(trade_id))
    else:
        write_listing(FIELDS, [book.show_trade(trade_id)], lambda rows: trade_table(rows[0]), output)


@book_command(
    "withdraw",
    "voltbook trades withdraw T-1 --reason duplicate",
    "voltbook trades withdraw T-1 --undo",
    of=trades,
)
@click.argument("trade_id", metavar="ID")
@click.option("--reason", type=REASON, help="Why; everybody who may read the trade sees it.")
@click.option("--undo", is_flag=True, help="Put a trade back that was withdrawn with this command.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def withdraw(trade_id: str, reason: str | None, undo: bool, yes: bool, output: str | None) -> int:
    """Take a trade that was booked by mistake out of the book.

    Shows the trade and asks first. A trade that a file contains stays booked; a newer version of the file without it
    withdraws it. A withdrawn trade counts for nothing and stays in its history. Prints the new revision. The exit code
    is 1 if you answer no, and if a file with the trade was imported meanwhile.
    """
    if (reason is None) != undo:
        raise click.UsageError("give either --reason with the reason of the withdrawal, or --undo")
    book = open_book()
    current = book.trade_history(trade_id)[0]
    for line in trade_table(current["trade"]).splitlines():
        say(line)
    # What is withdrawn or booked already is not asked about: the service refuses it with the reason.
    question = "Put this trade back into the book?" if undo else "Take this trade out of the book?"
    if current["withdrawn"] == undo and not yes and not agrees(question):
        say("nothing was changed")
        return exit_codes.FAILED
    which = (trade_id, current["trade"]["direction"], current["revision"])
    revision = book.restore_trade(*which) if reason is None else book.withdraw_trade(*which, reason)
    _write_revision(revision, output)
    if revision["withdrawn"] != undo:
        return exit_codes.DONE
    say(f"voltbook: a file that was imported meanwhile contains trade {trade_id!r}, so that it stays booked")
    return exit_codes.FAILED


def _write_revision(revision: Json, output: str | None) -> None:
    if chosen(output) == "json":
        write_json(revision)
    else:
        write_listing(REVISION_COLUMNS, [revision_row(revision)], history_table, output)


def _field_options(command: click.decorators.FC) -> click.decorators.FC:
    for name, help_text in reversed(FIELD_OPTIONS.items()):
        names = dict.fromkeys((f"--{name.replace('_', '-')}", f"--{name}"))
        kind = DAY if name == "delivery_day" else None
        command = click.option(*names, name, type=kind, help=help_text)(command)
    return command


@book_command("book", _BY_FIELDS, "voltbook trades book trades.json", "voltbook trades book - < trades.json", of=trades)
@click.argument("trades_file", metavar="[FILE]", type=click.File("rb"), required=False)
@_field_options
@click.option("--json", "source", type=click.File("rb"), help="The same as FILE.")
def book(trades_file: BinaryIO | None, source: BinaryIO | None, output: str | None, **options: Any) -> int:  # noqa: ANN401 - a field each
    """Book one trade; from a FILE of JSON (- for stdin), one or an array of them.

    Booking the same trade again changes nothing. Refused trades of a file are listed with all their problems and the
    others are booked; the exit code is then 1. Unusual values, such as an execution after delivery, are warnings on
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


def _given(source: BinaryIO | None, options: dict[str, Any]) -> list[dict[str, object]]:
    fields = fields_of(options)
    if (source is None) == (not fields):
        raise click.UsageError("give either the fields of a trade, or a FILE of JSON (- for stdin)")
    if source is not None:
        return fields_in(source.read())
    try:
        parse_trade(fields)
    except InvalidRequest as error:
        problems = "; ".join(f"--{problem.field.replace('_', '-')} {problem.message}" for problem in error.problems)
        raise click.UsageError(f"{error.message}: {problems}") from error
    return [fields]


def _booked(opened: Client, given: list[dict[str, object]]) -> Iterator[tuple[Json, int]]:
    """Book trades one by one; a refusal concerns one trade, any other error ends the run."""
    for fields in given:
        try:
            answer = opened.book_trade(parse_trade(fields))
        except (InvalidRequest, NotAllowed) as error:
            yield _refused(fields.get("id"), error), code_of(error)
        else:
            yield _done({"outcome": "booked", "trade": fields, **answer}), DONE


def _done(answer: Json) -> Json:
    trade_id, warnings = answer["trade"]["id"], answer.get("warnings", [])
    for warning in warnings:
        say(f"warning: trade {trade_id}: {warning['field']} {warning['message']}")
    outcome = {"id": trade_id, "outcome": answer["outcome"], "reason": None, "problems": []}
    return outcome | ({"warnings": warnings} if warnings else {})


def _refused(trade_id: object, error: VoltbookError) -> Json:
    return {
        "id": trade_id if isinstance(trade_id, str) else None,
        "outcome": "refused",
        "reason": "; ".join(str(problem) for problem in error.problems) or error.message,
        "problems": [{"field": problem.field, "message": problem.message} for problem in error.problems],
    }
