"""The `voltbook` command: its groups, and the one place where what went wrong becomes an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from typing import ClassVar, NoReturn

import click

from cli.lazy_group import LazyGroup
from cli.options import which_book
from cli.profiles import ConnectionOptions
from cli.terminal import say, say_error


class Voltbook(LazyGroup):
    """The outermost group; every command gives its exit code."""

    examples = (
        "voltbook report trader_1 --start-day 2026-06-14 --end-day 2026-06-14",
        "voltbook import samples/epex_trades_20260614.csv",
    )
    lazy: ClassVar = {
        "report": ("cli.commands.report:report", "What a trader or the desk made, hour by hour."),
        "scorecard": ("cli.commands.scorecard:scorecard", "How each trader did."),
        "import": ("cli.commands.import_:import_", "Import the exchange's daily files."),
        "files": ("cli.commands.files:files", "What became of the daily files."),
        "check": ("cli.commands.check:check", "Look for daily files once, by hand."),
        "notices": ("cli.commands.notices:notices", "What the desk was told."),
        "morning": ("cli.commands.morning:morning", "The morning mail of a day, as it would be sent now."),
        "trades": ("cli.commands.trades:trades", "List, show and book trades."),
        "prices": ("cli.commands.prices:prices", "Import and list reference prices."),
        "users": ("cli.commands.users:users", "Add, list and disable logins."),
        "profiles": ("cli.commands.profiles:profiles", "Which book and login you usually want."),
        "completion": ("cli.commands.completion:completion", "Complete commands with the tab key."),
        "verify": ("cli.commands.admin:verify", "Walk the whole book and prove that it is sound."),
        "rebuild-positions": ("cli.commands.admin:rebuild_positions", "Put positions right from the trades."),
        "export-all": ("cli.commands.admin:export_all", "Write the whole book to a folder."),
        "import-all": ("cli.commands.admin:import_all", "Take a whole book from a folder."),
        "audit": ("cli.commands.audit:audit", "What administrators did."),
        "version": ("cli.commands.version:version", "Say which Voltbook this is."),
    }

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; click itself would end with 1 where that is interrupted."""
        try:
            return super().parse_args(ctx, args)
        except KeyboardInterrupt:
            sys.exit(_interrupted())

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Run the command and end with its exit code; only usage errors go further, to click."""
        ctx.exit(self._code(ctx))

    def _code(self, ctx: click.Context) -> int:
        try:
            code = int(super().invoke(ctx) or 0)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort):
            return _interrupted()
        except BrokenPipeError:
            _close_stdout()
            return 0
        except Exception as error:  # noqa: BLE001 - the edge: whatever is left becomes a sentence and an exit code
            return _told(error, debug=ctx.ensure_object(ConnectionOptions).debug)
        return code


@click.group(cls=Voltbook, context_settings={"help_option_names": ["-h", "--help"]})
@which_book
def voltbook() -> None:
    """The trade book of a power desk.

    Both speak to the book that `make up` serves on this machine; --book names a deployed stage instead,
    --api URL --user NAME a book behind HTTP, --profile NAME either of them.

    Exit codes: 0 done, 1 failed, 2 usage, 3 rows quarantined or file rejected, 4 not allowed, 5 unreachable,
    130 interrupted.
    """


def main() -> None:
    """Run the command line this process was started with, and end it with the exit code."""
    voltbook(prog_name="voltbook")


def _interrupted() -> int:
    from cli.exit_codes import INTERRUPTED

    say("voltbook: interrupted")
    return INTERRUPTED


def _told(error: Exception, *, debug: bool) -> int:
    from chalicelib.domain.errors import VoltbookError
    from cli.exit_codes import FAILED, code_of

    if debug:
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, VoltbookError):
        say_error(error)
        return code_of(error)
    say(f"voltbook: this should not have happened: {type(error).__name__}: {error}")
    if not debug:
        say("voltbook: --debug (or VOLTBOOK_DEBUG=1) shows where")
    return FAILED


def _close_stdout() -> None:
    """Whoever read stdout has gone: what is still buffered goes nowhere, silently."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
