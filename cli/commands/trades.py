"""`voltbook trades`: list, show, book and withdraw trades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain, islice
from typing import Any, Final

import click

from chalicelib.common import clock
from chalicelib.common.delivery import days_between
from chalicelib.common.errors import NotFound
from chalicelib.positions.model import VENUE
from chalicelib.trades.model import FIELDS
from chalicelib.trades.statement import SHOWN
from chalicelib.trades.venues import VENUES
from cli import exit_codes
from cli.client.connect import open_book
from cli.commands.trade_booking import book
from cli.lazy_group import group
from cli.options import DAY, REASON, book_command, days_options, place_options
from cli.output.json import Json
from cli.output.listing import chosen, write_json, write_listing
from cli.render.trades import (
    REVISION_COLUMNS,
    REVISION_COLUMNS_IN_FULL,
    history_table,
    in_full,
    revision_row,
    trade_table,
    trades_table,
)
from cli.similar_traders import say_if_unknown
from cli.terminal import agrees, say

_VENUE: Final = click.Choice(tuple(VENUES))
_SIDE: Final = click.Choice(("buy", "sell"))
_venue_option = click.option("--venue", type=_VENUE, default=VENUE, show_default=True, help="Venue of the trade.")
_full_option = click.option("--full", is_flag=True, help="JSON and CSV in the full form, in place of the eight fields.")


@group("trades", "voltbook trades list --trader trader_1 --day 2026-06-14", "voltbook trades list -o json")
def trades() -> None:
    """List, show, book and withdraw trades."""


@book_command(
    "list",
    "voltbook trades list --trader trader_1 --day yesterday",
    "voltbook trades list --start-day 2026-06-13 --end-day 2026-06-16 -o csv",
    "voltbook trades list --area AMP --strategy spread-bot --day today --hour 13",
    "voltbook trades list --unconfirmed",
    of=trades,
)
@click.option("--trader", help="Only trades of this trader.")
@click.option("--day", type=DAY, help="Only trades delivered on this day.")
@days_options("delivery day")
@click.option("--hour", metavar="HH", help="Only trades that deliver in this hour: 13, or 02A and 02B in autumn.")
@place_options("trades")
@click.option("--all-states", is_flag=True, help="Also trades that their venue recalled or cancelled.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N trades (default: all).")
@click.option("--unconfirmed", is_flag=True, help="Only posted trades that no file contains.")
@_full_option
def list_(
    trader: str | None,
    day: date | None,
    start_day: date | None,
    end_day: date | None,
    hour: str | None,
    venue: str | None,
    area: str | None,
    strategy: str | None,
    all_states: bool,
    limit: int | None,
    unconfirmed: bool,
    full: bool,
    output: str | None,
) -> None:
    """List trades; those of a trader or of days are in order of delivery.

    Default: all trades. For a single day, give just one option. JSON and CSV have the eight fields of v1 and only the
    trades that these state; with --full, or a filter by hour, venue, area, strategy or state, they have every trade in
    the full form, as the table does. A trade of several hours is among those of each. Withdrawn trades are in no list;
    `voltbook trades show` and `voltbook audit list` have them. An unconfirmed trade was posted, and the imported file
    of the day of its execution does not contain it; by default those are listed that are delivered from seven days ago
    to tomorrow.
    """
    if day is not None and (start_day or end_day):
        raise click.UsageError("give either --day, or --start-day and --end-day")
    filters = (venue, area, strategy, "all" if all_states else None)
    full = full or any(filters) or hour is not None
    if unconfirmed and full:
        raise click.UsageError("--unconfirmed goes with --trader, days and --limit only")
    first = day or start_day or end_day
    if hour is not None and first is None:
        raise click.UsageError("--hour goes with a day: add --day, or --start-day and --end-day")
    days = _default_days(unconfirmed) if first is None else days_between(first, end_day or first)
    opened = open_book()
    full = full or chosen(output) == "table"

    def listed(day: date | None) -> Iterable[Json]:
        if unconfirmed and day:
            found = opened.list_unconfirmed(trader, day)
            return map(in_full, found) if full else found
        if full:
            return opened.list_in_full(trader, day, *filters, limit, hour)
        return opened.list_trades(trader, day, limit)

    found = islice(chain.from_iterable(map(listed, days)), limit)
    head = list(islice(found, 1))
    if trader is not None and not head and not unconfirmed:
        say_if_unknown(trader, opened)
    write_listing(SHOWN if full else FIELDS, chain(head, found), trades_table, output)


def _default_days(unconfirmed: bool) -> Sequence[date | None]:
    if not unconfirmed:
        return [None]
    from chalicelib.imports.unconfirmed import days_to_search

    return days_to_search(clock.clock().now())


@book_command(
    "show",
    "voltbook trades show T-1",
    "voltbook trades show T-1 --history -o json",
    "voltbook trades show 4711 --venue nordpool --full -o json",
    of=trades,
)
@click.argument("trade_id", metavar="ID")
@_venue_option
@click.option("--history", is_flag=True, help="Show all revisions, newest first.")
@_full_option
def show(trade_id: str, venue: str, history: bool, full: bool, output: str | None) -> None:
    """Show one trade, with both sides if the desk traded with itself; with --history, all revisions.

    JSON and CSV have the eight fields of v1, and of two sides only the first; with --full, or for another venue than
    epex, the full form. In JSON that is an object with the sides, each with its revisions.
    """
    form, opened = chosen(output), open_book()
    if not (full or venue != VENUE or form == "table"):
        _show_v1(opened, trade_id, history, output)
        return
    answer = opened.show_sides(venue, trade_id)
    if form == "json":
        write_json(answer)
        return
    sides = [side["revisions"] for side in answer["sides"]]
    if history:
        rows = [revision_row(revision) for revisions in sides for revision in revisions]
        write_listing(REVISION_COLUMNS_IN_FULL, rows, history_table, output)
        return
    newest = [revisions[0] for revisions in sides]
    current = [revision["trade"] for revision in newest if not revision["withdrawn"]]
    if not current:
        raise NotFound(f"trade {trade_id!r} was withdrawn {_by(newest[0]['source'])}; --history shows it")
    for revision in newest:
        if revision["withdrawn"]:
            side = revision["trade"]["direction"]
            say(f"its {side} side was withdrawn {_by(revision['source'])}; --history shows it")
    write_listing(SHOWN, current, _both_sides, output)


def _show_v1(opened: Any, trade_id: str, history: bool, output: str | None) -> None:  # noqa: ANN401 - a Client
    if history:
        revisions = opened.trade_history(trade_id)
        rows = revisions if chosen(output) == "json" else [revision_row(revision) for revision in revisions]
        write_listing(REVISION_COLUMNS, rows, history_table, output)
    elif chosen(output) == "json":
        write_json(opened.show_trade(trade_id))
    else:
        write_listing(FIELDS, [opened.show_trade(trade_id)], trades_table, output)


def _both_sides(sides: Sequence[Mapping[str, Any]]) -> str:
    return "\n\n".join(map(trade_table, sides))


def _by(source: Json) -> str:
    return f"by {source['user']} ({source['reason']})" if source.get("reason") else "by the exchange"


@book_command(
    "withdraw",
    "voltbook trades withdraw T-1 --reason duplicate",
    "voltbook trades withdraw 4711 --venue nordpool --side sell --reason duplicate",
    "voltbook trades withdraw T-1 --undo",
    of=trades,
)
@click.argument("trade_id", metavar="ID")
@_venue_option
@click.option("--side", type=_SIDE, help="Side of the trade, needed if it has two.")
@click.option("--reason", type=REASON, help="Why; everybody who may read the trade sees it.")
@click.option("--undo", is_flag=True, help="Put a trade back that was withdrawn with this command.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def withdraw(
    trade_id: str, venue: str, side: str | None, reason: str | None, undo: bool, yes: bool, output: str | None
) -> int:
    """Take a trade that was booked by mistake out of the book.

    Shows the trade and asks first. A trade that a file contains stays booked; a newer version of the file without it
    withdraws it. A withdrawn trade counts for nothing and stays in its history. Prints the new revision. The exit code
    is 1 if you answer no, and if a file with the trade was imported meanwhile.
    """
    if (reason is None) != undo:
        raise click.UsageError("give either --reason with the reason of the withdrawal, or --undo")
    opened = open_book()
    current = _side_of(opened.show_sides(venue, trade_id), side)[0]
    for line in trade_table(current["trade"]).splitlines():
        say(line)
    # What is withdrawn or booked already is not asked about: the service refuses it with the reason.
    question = "Put this trade back into the book?" if undo else "Take this trade out of the book?"
    if current["withdrawn"] == undo and not yes and not agrees(question):
        say("nothing was changed")
        return exit_codes.FAILED
    which = (venue, trade_id, current["trade"]["direction"], current["revision"])
    revision = opened.restore_trade(*which) if reason is None else opened.withdraw_trade(*which, reason)
    if chosen(output) == "json":
        write_json(revision)
    else:
        write_listing(REVISION_COLUMNS_IN_FULL, [revision_row(revision)], history_table, output)
    if revision["withdrawn"] != undo:
        return exit_codes.DONE
    say(f"voltbook: a file that was imported meanwhile contains trade {trade_id!r}, so that it stays booked")
    return exit_codes.FAILED


def _side_of(answer: Json, direction: str | None) -> Sequence[Json]:
    """Return the revisions of one side; raises UsageError if it could be either, or NotFound."""
    sides = {side["direction"]: side["revisions"] for side in answer["sides"]}
    if direction is None and len(sides) > 1:
        raise click.UsageError("the trade has two sides: add --side buy or --side sell")
    found: Sequence[Json] | None = next(iter(sides.values())) if direction is None else sides.get(direction)
    if found is None:
        raise NotFound(f"there is no {direction} trade {answer['id']!r} of venue {answer['venue']!r}")
    return found


trades.add_command(book)
