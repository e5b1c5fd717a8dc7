"""The `voltbook` command: its groups, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from typing import Final, NoReturn

import click

from cli.lazy_group import LazyGroup, exampled
from cli.options import which_book
from cli.profiles import ConnectionOptions
from cli.terminal import say, say_error

COMMANDS: Final = {
    "report": ("cli.commands.report:report", "Show the PnL of a trader or the desk by hour."),
    "positions": ("cli.commands.positions:positions", "Show what is open in each quarter-hour."),
    "scorecard": ("cli.commands.report:scorecard", "Show how each trader performed."),
    "import": ("cli.commands.files:import_", "Import the exchange's daily files."),
    "formats": ("cli.commands.formats:formats", "List the formats of files that can be read."),
    "mapping": ("cli.commands.formats:mapping", "Describe files of your own to Voltbook."),
    "feeds": ("cli.commands.files:feeds", "List the feeds of files."),
    "files": ("cli.commands.files:files", "List, show and accept daily files."),
    "check": ("cli.commands.files:check", "Poll for daily files once."),
    "status": ("cli.commands.status:status", "Show yesterday, and what needs attention."),
    "notices": ("cli.commands.messages:notices", "List notices to the desk."),
    "morning": ("cli.commands.messages:morning", "Show the morning mail of a day."),
    "trades": ("cli.commands.trades:trades", "List, show, book and withdraw trades."),
    "prices": ("cli.commands.prices:prices", "Import and list reference prices."),
    "fees": ("cli.commands.fees:fees", "List and set the fees of the venues."),
    "users": ("cli.commands.users:users", "Add, list, change and disable logins and their keys."),
    "profiles": ("cli.commands.installation:profiles", "List profiles, store passwords."),
    "completion": ("cli.commands.installation:completion", "Complete commands with the tab key."),
    "verify": ("cli.commands.admin:verify", "Check the integrity of the whole book."),
    "rebuild-positions": ("cli.commands.admin:rebuild_positions", "Repair positions from the trades."),
    "export-all": ("cli.commands.admin:export_all", "Export the whole book to a folder."),
    "import-all": ("cli.commands.admin:import_all", "Import a whole book from a folder."),
    "audit": ("cli.commands.admin:audit", "List what administrators did."),
    "env": ("cli.commands.installation:env", "Print the local stack's variables."),
    "version": ("cli.commands.installation:version", "Show the versions of Voltbook and Python."),
}


class Voltbook(LazyGroup):
    """The outermost group; a command returns its exit code, or None for 0."""

    lazy = COMMANDS

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line; click itself would exit with 1 if that is interrupted."""
        try:
            return super().parse_args(ctx, args)
        except KeyboardInterrupt:
            sys.exit(_interrupted())

    def invoke(self, ctx: click.Context) -> NoReturn:
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
        except Exception as error:  # noqa: BLE001 - the edge: every other error becomes a message and an exit code
            return _report(error, debug=ctx.ensure_object(ConnectionOptions).debug)
        return code


@exampled(
    Voltbook,
    "voltbook",
    (
        "voltbook report trader_1 --start-day 2026-06-14 --end-day 2026-06-14",
        "voltbook import samples/epex_trades_20260614.csv",
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="voltbook", message="voltbook %(version)s")
@which_book
def voltbook() -> None:
    """The trade book of a power desk.

    The default book is the one that `make up` serves on this machine. --book names a deployed stage,
    --api URL with --user NAME or --key-file FILE a book behind HTTP, --profile NAME a profile.

    Exit codes: 0 done, 1 failed, 2 usage, 3 needs attention (quarantined, rejected, held or waiting),
    4 not allowed, 5 unreachable, 130 interrupted.
    """


def main() -> None:
    voltbook(prog_name="voltbook")


def _interrupted() -> int:
    from cli.exit_codes import INTERRUPTED

    say("voltbook: interrupted")
    return INTERRUPTED


def _report(error: Exception, *, debug: bool) -> int:
    from chalicelib.common.errors import VoltbookError
    from cli.exit_codes import FAILED, code_of

    if debug:
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, VoltbookError):
        say_error(error)
        return code_of(error)
    say(f"voltbook: unexpected error: {type(error).__name__}: {error}")
    if not debug:
        say("voltbook: --debug (or VOLTBOOK_DEBUG=1) shows the traceback")
    return FAILED


def _close_stdout() -> None:
    # The reader of the pipe has gone; without this the interpreter would complain about the rest on exit.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
