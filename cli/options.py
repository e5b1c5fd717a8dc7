"""Options that several commands share; those that choose the book may come before or after the command."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from cli.profiles import FORMATS, ConnectionOptions

_INSTANT: Final = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from chalicelib.common.delivery import parse_day

        if isinstance(value, date):
            return value
        try:
            return parse_day(value)
        except ValueError as error:
            self.fail(f"{error}, got {value!r}", param, ctx)


class Instant(click.ParamType[datetime]):
    """A time of this century to the minute or second, in UTC; without an offset it is Berlin time."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return _instant(str(value))
        except ValueError as error:
            self.fail(f"{error}, got {value!r}", param, ctx)


class Seconds(click.ParamType[int]):
    name = "SECONDS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse whole seconds; the message covers a TRADER that was taken for them."""
        text = str(value)
        if not re.fullmatch(r"[1-9]\d{0,4}", text, re.ASCII):
            self.fail(f"must be whole seconds from 1 to 99999, got {text!r} (a TRADER goes before --watch)", param, ctx)
        return int(text)


def _instant(text: str) -> datetime:
    from chalicelib.common.delivery import BERLIN

    if not _INSTANT.fullmatch(text):
        raise ValueError("must be a time such as 2026-11-24T08:00 (Berlin) or 2026-11-24T07:00Z")
    given = datetime.fromisoformat(text)
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    first, second = (given.replace(tzinfo=BERLIN, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first < second:
        raise ValueError("this time occurs twice in Berlin: add the offset, +02:00 or +01:00")
    if second < first:
        raise ValueError("this time does not exist in Berlin: add the offset, +02:00 or +01:00")
    return first


def _keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    connection = ctx.ensure_object(ConnectionOptions)
    if value not in {None, False} and param.name:
        setattr(connection, param.name, value)


def _keep_login(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    # Both the group and the command read the variable: it must not replace an option given before the command.
    connection = ctx.ensure_object(ConnectionOptions)
    is_option = ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
    if is_option or not connection.user_is_option:
        connection.user, connection.user_is_option = value or connection.user, is_option


def which_book(command: F) -> F:
    for add in (_debug, _profile, _user, _api, _book):
        command = add(command)
    return command


_connection_option = partial(click.option, expose_value=False, callback=_keep)
_book = _connection_option("--book", metavar="NAME", help="Book: `local` (default) or a deployed stage.")
_api = _connection_option("--api", metavar="URL", help="Use the book at this address over HTTP, with a login.")
_user = click.option(
    "--user",
    expose_value=False,
    callback=_keep_login,
    metavar="NAME",
    envvar="VOLTBOOK_USER",
    help="Login for --api. Its password comes from VOLTBOOK_PASSWORD, the keyring or a prompt.",
)
_profile = _connection_option(
    "--profile", metavar="NAME", help="Profile of the configuration file (see `voltbook profiles`)."
)
_debug = _connection_option("--debug", is_flag=True, envvar="VOLTBOOK_DEBUG", help="Show tracebacks of errors.")


def output_option(command: F) -> F:
    help_text = "Output format (default: table on a terminal, CSV when piped)."
    return click.option("-o", "--format", "output", type=click.Choice(FORMATS), help=help_text)(command)


def book_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-o` and the options that choose the book, and pass the `ConnectionOptions` as first argument."""
    return output_option(which_book(click.pass_obj(command)))


def days_options(what: str) -> Callable[[F], F]:
    """Return a decorator that adds `--start-day` and `--end-day`; `what` names the kind of day."""

    def add(command: F) -> F:
        last = click.option("--end-day", "--end_day", "end_day", type=Day(), help=f"Last {what} (included).")
        first = click.option("--start-day", "--start_day", "start_day", type=Day(), help=f"First {what} (Berlin).")
        return first(last(command))

    return add


_file = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
files_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_file)
