"""`voltbook formats` and `voltbook mapping`: which files can be read, and mappings for others."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import click

from chalicelib.common import clock as common_clock
from chalicelib.common.delivery import day_start
from chalicelib.common.printable import shown
from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.feeds.feed import Feed, FeedKind
from chalicelib.imports.bootstrap import formats_to_try
from chalicelib.imports.dry_run import as_json, read_file
from chalicelib.imports.feed_files import feed_named
from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.mapping_folder import load_mapping
from chalicelib.imports.formats.recognition import AUTO, infos
from chalicelib.imports.formats.unpacked import unpacked
from cli import exit_codes
from cli.client.connect import open_book, over_api
from cli.feed_choice import feed_file, feeds_behind
from cli.lazy_group import group
from cli.mapping_proposal import propose
from cli.options import DAY, book_command
from cli.output.json import Json
from cli.output.listing import chosen, write_json, write_listing
from cli.output.page import counted
from cli.output.table import fields_table
from cli.render.listings import period_prices_table
from cli.render.trades import trades_table
from cli.terminal import say

FORMAT_HEADERS: Final = {"name": "Name", "kind": "Kind", "recognised_by": "Recognised by"}
TRADE_COLUMNS: Final = (
    *("venue", "id", "direction", "delivery_start", "delivery_end", "quantity_mw", "price_eur_mwh", "trader_id"),
    *("execution_time", "area", "state", "strategy", "order_id", "text", "product", "venue_revision"),
)
PRICE_COLUMNS: Final = ("set", "zone", "start", "minutes", "price_eur_mwh")
_CHECK: Final = """voltbook mapping check samples/mappings/own-trades-de.toml \\
  samples/mappings/OwnTrades_20260615.csv"""
_MAPPING: Final = "mapping:"
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@book_command("formats", "voltbook formats", "voltbook formats -o json")
def formats(output: str | None) -> None:
    """List the formats of files, with those that the mapping files of this machine describe."""
    rows = [info._asdict() for info in infos(formats_to_try())]
    write_listing(tuple(FORMAT_HEADERS), rows, lambda found: fields_table(FORMAT_HEADERS, found), output)


@group(
    "mapping",
    "voltbook mapping new samples/mappings/OwnTrades_20260615.csv",
    _CHECK,
)
def mapping() -> None:
    """Describe files of your own to Voltbook."""


@book_command("new", "voltbook mapping new samples/mappings/OwnTrades_20260615.csv", of=mapping)
@click.argument("sample", metavar="SAMPLE", type=FILE)
def new(sample: Path, output: str | None) -> None:  # noqa: ARG001 - the mapping is text in any format
    """Propose a mapping from a sample file, on stdout.

    Check every line: a sample does not show its time zone, and may not show every word. Then try it with `voltbook
    mapping check`, and put it into the folder of mappings.
    """
    with sample.open("rb") as content, unpacked(content) as plain:
        head = read_head(plain)
    if head.found or not head.header:
        raise click.BadParameter(f"must be CSV, found {head.describe()}", param_hint="SAMPLE")
    sys.stdout.write(propose(head))


@book_command(
    "check",
    _CHECK,
    of=mapping,
)
@click.argument("mapping_file", metavar="MAPPING", type=FILE)
@click.argument("given", metavar="FILE", type=FILE)
@click.option("--file-day", type=DAY, help="Day of the file, for ids made of it.")
def check(mapping_file: Path, given: Path, file_day: date | None, output: str | None) -> int:
    """Show how a mapping reads a file: its rows as trades or prices, and what is wrong with the others.

    Nothing is written. The exit code is 3 if a row cannot be read.
    """
    form = load_mapping(mapping_file)
    with given.open("rb") as content:
        found = as_json(read_file(content, form.name, [form], file_day))
    with given.open("rb") as content, unpacked(content) as plain:
        if not form.recognises(read_head(plain)):
            say(f"voltbook: {given.name} is not recognised by {form.recognised_by}: correct recognise")
    return show(found, output)


def dry_run(
    files: tuple[Path, ...], form: str | None, file_day: date | None, output: str | None, feed_name: str | None = None
) -> int:
    """Show what files would import; return the exit code."""
    book = open_book() if over_api() else None
    feeds = feeds_bootstrap.feeds() if book is None else feeds_behind(book, (), feed_name)

    def try_one(path: Path) -> int:
        feed, day = _feed_of(path.name, feeds, feed_name, file_day)
        by_feed = feed is not None and (feed.is_daily or feed.format.startswith(_MAPPING))
        chosen_form = form or (feed.format if feed is not None and by_feed else AUTO)
        if book is not None:
            code = show(book.try_file(path, chosen_form, day), output, path.name)
        else:
            with path.open("rb") as content:
                code = show(as_json(read_file(content, chosen_form, formats_to_try(), day)), output, path.name)
        if feed is None or day is None or feed.kind is FeedKind.PRICES or day_start(day) <= common_clock.clock().now():
            return code
        say(f"{path.name}: its import would be rejected: {day} has not begun yet")
        return exit_codes.NEEDS_ATTENTION

    return exit_codes.of_files(files, try_one)


def _feed_of(
    name: str, feeds: Sequence[Feed], feed_name: str | None, file_day: date | None
) -> tuple[Feed | None, date | None]:
    """Return the feed of a file that is tried, and its day, as far as its name and the options say."""
    if feed_name is not None:
        feed = feed_named(feed_name, feeds)
        return feed, file_day or feed.day_of(name)
    with suppress(click.BadParameter):
        file = feed_file(name, feeds, None, file_day)
        return file.feed, file.file_day
    return None, file_day


def show(found: Json, output: str | None, name: str = "") -> int:
    prices, trades = found["prices"], [*found["trades"], *found["other_side"]]
    if chosen(output) == "json":
        write_json(found)
    elif prices:
        write_listing(PRICE_COLUMNS, prices, period_prices_table, output)
    else:
        write_listing(TRADE_COLUMNS, trades, partial(trades_table, remarks=True), output)
    for row in found["problems"]:
        for problem in row["problems"]:
            say(f"line {row['line']}: {shown(problem['field'])} {shown(problem['message'])}")
    rows = counted(len(prices), "price") if prices else counted(len(trades), "trade")
    bad = counted(len(found["problems"]), "row")
    start = f"{shown(name)}: " if name else ""
    say(f"{start}{found['format']}: {rows}, {bad} with problems, {found['skipped']} skipped")
    return exit_codes.NEEDS_ATTENTION if found["problems"] else exit_codes.DONE
