"""Options that several commands share; those that choose the book may come before or after the command."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from cli.lazy_group import Group, command
from cli.profiles import FORMATS, ConnectionOptions

STDIO: Final = Path("-")
"""Stands for stdin or stdout in place of a file."""
FILE: Final = "voltbook.file"
"""The key of the file of `--output` in the context."""
_INSTANT: Final = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_SUFFIX: Final = {"table": "txt", "text": "txt"}
_DAYS_BACK: Final = {"tomorrow": -1, "today": 0, "yesterday": 1}
F = TypeVar("F", bound=Callable[..., Any])


class Parsed(click.ParamType[Any]):
    """A type of values whose parser raises ValueError with the reason."""

    def __init__(self, name: str, parse: Callable[[str], object]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - the parser has the type
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError as error:
            self.fail(f"{error}, got {value!r}", param, ctx)


def _day(text: str) -> date:
    from chalicelib.common.clock import clock
    from chalicelib.common.delivery import berlin_day, parse_day

    if text in _DAYS_BACK:
        return berlin_day(clock().now()) - timedelta(days=_DAYS_BACK[text])
    try:
        return parse_day(text)
    except ValueError as error:
        raise ValueError(f"{error}, tomorrow, today or yesterday") from error


def _instant(text: str) -> datetime:
    """Parse a time of this century to the minute or second; without an offset it is Berlin time."""
    from chalicelib.common.delivery import BERLIN

    if not _INSTANT.fullmatch(text):
        raise ValueError("must be a time such as 2026-11-24T08:00 (Berlin) or 2026-11-24T07:00Z")
    given = datetime.fromisoformat(text)
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    first, second = (given.replace(tzinfo=BERLIN, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        happens = "occurs twice" if first < second else "does not exist"
        raise ValueError(f"this time {happens} in Berlin: add the offset, +02:00 or +01:00")
    return first


def _seconds(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,4}", text, re.ASCII):
        raise ValueError("must be whole seconds from 1 to 99999 (a TRADER goes before --watch)")
    return int(text)


def _reason(text: str) -> str:
    from chalicelib.common.fields import InvalidValue
    from chalicelib.imports.manual_withdrawal import read_reason

    try:
        return read_reason(text)
    except InvalidValue as error:
        raise ValueError(str(error)) from error


DAY: Final = Parsed("YYYY-MM-DD", _day)
INSTANT: Final = Parsed("TIME", _instant)
REASON: Final = Parsed("TEXT", _reason)
SECONDS: Final = Parsed("SECONDS", _seconds)


def _keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    connection = ctx.ensure_object(ConnectionOptions)
    if value not in {None, False} and param.name:
        setattr(connection, param.name, value)


_connection_option = partial(click.option, expose_value=False, callback=_keep)
_CONNECTION: Final = (
    _connection_option("--book", metavar="NAME", help="Book: `local` (default) or a deployed stage."),
    _connection_option("--api", metavar="URL", help="Use the book at this address over HTTP, with a login."),
    _connection_option(
        "--user",
        metavar="NAME",
        help="Login for --api. Its password comes from VOLTBOOK_PASSWORD, the keyring or a prompt.",
    ),
    _connection_option(
        "--key-file", metavar="FILE", help="File with an API key for --api, which nobody else can read (mode 0600)."
    ),
    _connection_option(
        "--profile", metavar="NAME", help="Profile of the configuration file (see `voltbook profiles`)."
    ),
    _connection_option("--debug", is_flag=True, envvar="VOLTBOOK_DEBUG", help="Show tracebacks of errors."),
)


def which_book(command: F) -> F:
    for option in reversed(_CONNECTION):
        command = option(command)
    return command


def _keep_file(ctx: click.Context, param: click.Parameter, file: Path | None) -> None:  # noqa: ARG001 - click's
    if file == STDIO:
        file = None
    if file is not None and not file.parent.is_dir():
        raise click.BadParameter(f"folder {str(file.parent)!r} does not exist")
    ctx.meta[FILE] = file


def _format(ctx: click.Context, param: click.Parameter, output: str | None) -> str | None:
    """Return the format of `-o`, else the one that the suffix of the file means, if there is a file."""
    file: Path | None = ctx.meta[FILE]
    if output is not None or file is None:
        return output
    suffixes: dict[str, str] = {f".{_SUFFIX.get(form, form)}": form for form in getattr(param.type, "choices", ())}
    if file.suffix.lower() not in suffixes:
        message = f"{file.name!r} does not end in one of {', '.join(suffixes)}: add -o FORMAT"
        raise click.BadParameter(message, param_hint="--output")
    return suffixes[file.suffix.lower()]


def output_options(
    formats: Sequence[str] = FORMATS, usual: str = "table on a terminal, CSV when piped"
) -> Callable[[F], F]:
    """Return a decorator that adds `-o` and `--output`; the file is kept in the context, where the output finds it."""
    file = click.option(
        "--output",
        "file",
        type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
        metavar="FILE",
        expose_value=False,
        is_eager=True,  # before the format
        callback=_keep_file,
        help="Write to FILE (- for stdout), replacing it. Without -o, its suffix chooses the format.",
    )
    form = click.option(
        "-o",
        "--format",
        "output",
        type=click.Choice(formats),
        callback=_format,
        help=f"Output format (default: {usual}).",
    )
    return lambda command: form(file(command))


def book_command(
    name: str, *examples: str, of: Group | None = None, output: bool = True
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator for a command on the book: with the options that choose it, and those of the output."""

    def made(function: Callable[..., Any]) -> click.Command:
        own = len(getattr(function, "__click_params__", ()))
        function = which_book(function)
        result = command(name, *examples, of=of)(output_options()(function) if output else function)
        # The help begins with the command's own options.
        result.params = result.params[-own:] + result.params[:-own] if own else result.params
        return result

    return made


def _in_order(ctx: click.Context, param: click.Parameter, end: date | None) -> date | None:  # noqa: ARG001 - click's
    from chalicelib.common.delivery import days_between
    from chalicelib.common.errors import InvalidRequest

    start = ctx.params.get("start_day")
    if start is not None and end is not None:
        try:
            days_between(start, end)
        except InvalidRequest as error:
            raise click.BadParameter("; ".join(problem.message for problem in error.problems)) from error
    return end


def days_options(what: str) -> Callable[[F], F]:
    """Return a decorator that adds `--start-day` and `--end-day`; `what` names the kind of day."""

    def add(command: F) -> F:
        last = click.option(
            "--end-day", "--end_day", "end_day", type=DAY, callback=_in_order, help=f"Last {what} (included)."
        )
        # Eager, so that it is known when the last day is checked.
        first = click.option(
            "--start-day", "--start_day", "start_day", type=DAY, is_eager=True, help=f"First {what} (Berlin)."
        )
        return first(last(command))

    return add


def place_options(what: str) -> Callable[[F], F]:
    """Return a decorator that adds `--venue`, `--area` and `--strategy`; `what` they select."""
    from chalicelib.trades.areas import area_code
    from chalicelib.trades.statement import read_strategy
    from chalicelib.trades.venues import VENUES

    def add(command: F) -> F:
        strategy = Parsed("STRATEGY", read_strategy)
        command = click.option("--strategy", type=strategy, help=f"Only {what} of this strategy.")(command)
        area = Parsed("AREA", area_code)
        command = click.option("--area", type=area, help=f"Only {what} of this area (code or name).")(command)
        return click.option("--venue", type=click.Choice(tuple(VENUES)), help=f"Only {what} of this venue.")(command)

    return add


class _File(click.Path):
    """A file to read. A named pipe would wait for its writer; one that is open already, such as /dev/stdin, may be."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401 - click's
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if path == STDIO:
            return path
        mode = path.stat().st_mode
        pipe = stat.S_ISFIFO(mode)
        if not stat.S_ISREG(mode) and not (pipe and path.is_relative_to("/dev")):
            what = "pipe" if pipe else "device or socket"
            self.fail(f"{path.name!r} is a {what}; expected a file: write its content to a file first", param, ctx)
        return path


_file = _File(exists=True, dir_okay=False, readable=True, allow_dash=True)
files_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_file)
