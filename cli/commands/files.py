"""`voltbook files`, `feeds`, `import` and `check`: the files of the feeds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final

import click

from chalicelib.feeds import bootstrap as feeds_bootstrap
from chalicelib.imports import bootstrap as imports_bootstrap
from chalicelib.imports.feed_files import FeedFile
from chalicelib.imports.feed_formats import unusable_formats
from cli import exit_codes
from cli.client.connect import open_book, over_api
from cli.client.operations import Client
from cli.feed_choice import feed_file, feeds_behind
from cli.lazy_group import group
from cli.options import DAY, INSTANT, STDIO, book_command, days_options, files_argument
from cli.output.json import Json
from cli.output.listing import chosen, write_listing, write_object
from cli.render import files as file_views
from cli.render.receipts import (
    COLUMNS,
    FEED_COLUMNS,
    POLL_COLUMNS,
    imports_text,
    poll_rows,
    poll_text,
    receipts_text,
    say_advice,
)
from cli.stdin_file import with_stdin
from cli.terminal import agrees, bar, say, warn_of_topics

_QUESTION: Final = (
    "--at is in the future: a notice of a file that is late by then is sent now, and not again when it is late. "
    "Continue?"
)


FEED: Final = click.option("--feed", metavar="NAME", help="Feed of the file (default: the exchange's daily file).")


@book_command("feeds", "voltbook feeds", "voltbook feeds -o json")
def feeds(output: str | None) -> None:
    """List the feeds of files, each with its newest file and its next deadline.

    A format that cannot read the files of its feed is named on stderr, from the settings of this machine.
    """
    found = open_book().list_feeds()
    if not over_api():
        for unusable in unusable_formats(feeds_bootstrap.feeds(), imports_bootstrap.mappings()):
            say(f"voltbook: {unusable}")
    if chosen(output) == "csv":
        found = [{**feed, "weekdays": " ".join(feed["weekdays"])} for feed in found]
    write_listing(file_views.FEED_COLUMNS, found, file_views.feeds_table, output)


@group("files", "voltbook files list", "voltbook files show 2026-06-14")
def files() -> None:
    """List, show and accept the files of a feed, one for each file day."""


@book_command(
    "list", "voltbook files list", "voltbook files list --start-day 2026-06-13 --end-day 2026-06-16", of=files
)
@days_options("file day")
@FEED
def list_(start_day: date | None, end_day: date | None, feed: str | None, output: str | None) -> None:
    """List file days with their newest receipts, newest first.

    Default: the last 30 days up to yesterday (Berlin). For a single day, give just one option.
    """
    book = open_book()
    found = book.list_feed_files(feed, start_day, end_day) if feed else book.list_files(start_day, end_day)
    if start_day is None and end_day is None:
        say("showing the last 30 file days; use --start-day for earlier ones")
    if not found:
        say("none")
    write_listing(COLUMNS, found, file_views.files_table, output)


@book_command(
    "show",
    "voltbook files show 2026-06-14",
    "voltbook files show 2026-06-14 --version 1",
    "voltbook files show 2026-06-14 -o json",
    of=files,
)
@click.argument("file_day", metavar="DAY", type=DAY)
@click.option("--version", type=click.IntRange(min=0), help="Show the quarantined rows and changes of this version.")
@FEED
def show(file_day: date, version: int | None, feed: str | None, output: str | None) -> None:
    """Show the file of DAY with all its versions and notices.

    Quarantined rows are shown with their lines and all reasons, changes with the terms before and after and the effect
    in EUR: those of the newest version, or of the one given by --version. In CSV, `kind` distinguishes the rows.
    """
    book = open_book()
    found = book.show_feed_file(feed, file_day, version) if feed else book.show_file(file_day, version)
    as_text, as_rows = partial(file_views.file_text, version=version), partial(file_views.file_rows, version=version)
    write_object(found, chosen(output), as_text, file_views.SHOW_COLUMNS, as_rows)


@book_command(
    "confirm-withdrawn",
    "voltbook files confirm-withdrawn 2026-06-14",
    "voltbook files confirm-withdrawn 2026-06-14 --yes -o json",
    of=files,
)
@click.argument("file_day", metavar="DAY", type=DAY)
@FEED
@click.option("--yes", is_flag=True, help="Do not ask.")
def confirm_withdrawn(file_day: date, feed: str | None, yes: bool, output: str | None) -> int:
    """Withdraw the trades that the newest file of DAY does not have; --book only.

    A held version is imported first. Withdrawn trades no longer count and stay in their history. Repeating it changes
    nothing. Prints the withdrawn trades; the exit code is 1 if you answer no.
    """
    receipt = open_book().confirm_withdrawn(file_day, agrees if not yes else lambda _: True, feed)
    if receipt is None:
        say("nothing was changed")
        return exit_codes.FAILED
    rows = file_views.withdrawn_rows(receipt)
    trades = "1 trade is" if len(rows) == 1 else f"{len(rows)} trades are"
    say(f"{trades} withdrawn by version {receipt['version']} of the file of {file_day}")
    write_listing(file_views.WITHDRAWN_COLUMNS, rows, file_views.withdrawn_table, output)
    return exit_codes.DONE


@book_command(
    "accept",
    "voltbook files accept 2026-06-14",
    "voltbook files accept 2026-06-14 --footer",
    "voltbook files accept 2026-06-14 --yes -o json",
    of=files,
)
@click.argument("file_day", metavar="DAY", type=DAY)
@click.option("--footer", is_flag=True, help="Count the file's last line as blank from now on; --book only.")
@FEED
@click.option("--yes", is_flag=True, help="Do not ask.")
def accept(file_day: date, footer: bool, feed: str | None, yes: bool, output: str | None) -> int:
    """Accept what is open of the file of DAY, whatever it is.

    Quarantined rows stay out for good. A file that is held is imported, and trades that the newest file does not have
    are taken out of the book, where no other file has them. A day whose file will never come is no longer missing.

    Says what it will do and asks first. Prints the receipt. The exit code is 1 where you answer no or there is nothing
    to accept, else as for `voltbook import`; who accepted what is in `voltbook audit list`.
    """

    def agreed(steps: list[str]) -> bool:
        of_feed = f"feed {feed} of " if feed else ""
        say(f"Accepting the file of {of_feed}{file_day} will:")
        for step in steps:
            say(f"  - {step}")
        return yes or agrees("Do that?")

    receipt = open_book().accept_file(file_day, footer, agreed, feed)
    if receipt is None:
        say("nothing was changed")
        return exit_codes.FAILED
    say("accepted; its receipt:")
    write_listing(COLUMNS, [receipt], receipts_text, output or "table")
    say_advice(receipt)
    return exit_codes.of_receipt(receipt)


@book_command("check", "voltbook check", "voltbook check --at 2026-11-23T08:00")
@click.option("--at", type=INSTANT, help="Poll as of this time: Berlin time, or with Z or an offset.")
@click.option("--yes", is_flag=True, help="Do not ask if --at is in the future.")
def check(at: datetime | None, yes: bool, output: str | None) -> int:
    """Poll for the files of all feeds of the last seven days once, as the stage does every half hour.

    Imports new files, sends a notice for each file that is late (after its deadline), and sends notices that are
    still unsent. With --at files are imported and notices sent as well, as of that time. A time in the future is
    confirmed first: the notice of a late file is sent only once.

    Also imports the reference price files of those days, of today and of tomorrow, and lists each day of the last year
    that needs attention, and older days with an unfinished import. Prints lines, also when piped, unless -o is given.
    The exit code is that of the worst import, as for `voltbook import`, and 3 if a listed day has a file that is held,
    waiting, rejected or not finished, or quarantined rows. Late files alone do not change the exit code. A topic of the
    stage of which nobody has confirmed a subscription is named on stderr: what is sent to it reaches nobody.
    """
    certain = yes or at is None or at <= datetime.now(UTC)
    book = open_book()
    polled = book.check(at, lambda: certain or agrees(_QUESTION))
    if polled is None:
        say("nothing was changed")
        return exit_codes.FAILED
    write_object(polled, output or "table", poll_text, POLL_COLUMNS, poll_rows)
    warn_of_topics(book.topics_without_receiver())
    code = exit_codes.DONE
    for receipt in polled["imported"]:
        say_advice(receipt, output)
        code = exit_codes.worst(code, exit_codes.of_receipt(receipt))
    for day in polled["open"]:
        code = exit_codes.worst(code, exit_codes.of_open_day(day))
    rejected = any(one["reason"] is not None for one in polled.get("prices", ()))
    return exit_codes.worst(code, exit_codes.NEEDS_ATTENTION) if rejected else code


@book_command(
    "import",
    "voltbook import samples/epex_trades_20260614.csv",
    "voltbook import samples/epex_trades_*.csv -o json",
    "voltbook import - --name epex_trades_20260614.csv < export.csv",
    "voltbook import - --feed reference_prices --file-day 2026-06-15 < prices.csv",
    "voltbook import --dry-run samples/epex_trades_20260614.csv",
)
@files_argument
@click.option("--name", help="Name of the file that stdin (-) holds.")
@click.option("--feed", "feed_name", metavar="FEED", help="Feed of the files (default: by their names).")
@click.option("--dry-run", "only_try", is_flag=True, help="Show what a file of any format states, and write nothing.")
@click.option(
    "--file-format", "form", metavar="FORMAT", help="Format for --dry-run (default: recognised by the content)."
)
@click.option("--file-day", type=DAY, help="Day of the file (default: by its name); for --dry-run, for ids made of it.")
def import_(
    files: tuple[Path, ...],
    name: str | None,
    feed_name: str | None,
    only_try: bool,
    form: str | None,
    file_day: date | None,
    output: str | None,
) -> int:
    """Import files of the feeds, such as the daily file, epex_trades_YYYYMMDD.csv.

    The feed and the day of a file are in its name. Otherwise, give --feed and --file-day, for one file at a time.

    A file can be imported again at any time: each trade is booked once. Prints a line for each file, also when piped,
    unless -o is given, and a table at the end if there are several files and not all are daily ones. If a file fails,
    the next ones are still imported. The exit code is the worst: 0 all rows booked, 3 rows quarantined or a file
    rejected, held or incomplete, 1 failed. 4 and 5 end the run, since they concern every file.

    --dry-run takes files of any name and reads them with the mapping files of this machine, or with those behind --api.
    The mapping is that of --feed, or of the feed that has the name, else the one that recognises the content.
    The exit code is then 3 if a row cannot be read.
    """
    if only_try:
        from cli.commands.formats import dry_run

        with with_stdin(files, name or "stdin") as paths:
            return dry_run(paths, form, file_day, output, feed_name)
    if form is not None:
        raise click.UsageError("--file-format needs --dry-run")
    if file_day is not None and len(files) > 1:
        raise click.UsageError("--file-day is of one file: import the others on their own")
    stated = feed_name is not None and file_day is not None
    if (STDIO in files and name is None and not stated) or (STDIO not in files and name is not None):
        raise click.UsageError(
            "stdin (-) needs --name, such as epex_trades_20260614.csv, or --feed and --file-day; --name needs -"
        )
    names = [name or "stdin" if path == STDIO else path.name for path in files]
    book = open_book() if over_api() else None
    known = feeds_bootstrap.feeds() if book is None else feeds_behind(book, names, feed_name)
    chosen_files = [feed_file(each, known, feed_name, file_day) for each in names]
    with with_stdin(files, name or "stdin") as paths:
        return _import(book or open_book(), dict(zip(paths, chosen_files, strict=False)), output)


def _import(book: Client, files: Mapping[Path, FeedFile], output: str | None) -> int:
    receipts: list[Json] = []

    def import_one(path: Path) -> int:
        with bar(path.name) as progress:
            receipts.append(book.import_file(path, progress, files[path]))
        return exit_codes.of_receipt(receipts[-1])

    try:
        return exit_codes.of_files(files, import_one)
    except KeyboardInterrupt:
        say("interrupted: booked rows stay; import the file again to continue")
        return exit_codes.INTERRUPTED
    finally:
        if receipts:
            columns = COLUMNS if all("received" not in receipt for receipt in receipts) else FEED_COLUMNS
            write_listing(columns, receipts, imports_text, output or "table")
        for receipt in receipts:
            say_advice(receipt, output)
