"""`make up`: serve the whole book on this machine until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from infra import ROOT
from infra.local import seed
from infra.local.settings import (
    DEFAULT_DATA_DIR,
    EVERYWHERE,
    CannotServe,
    Samples,
    Settings,
    WrongSetting,
    read_settings,
)
from infra.local.stack import Stack, running
from infra.settings import child_environment

_CHECK_SECONDS = 0.5
_REPORT_SECONDS = 60
_OWNER_ONLY = 0o077
"""The mask of the modes of new files, which the engines inherit."""
_COMMITTED_DAY = ("--start-day", seed.COMMITTED_DAY, "--end-day", seed.COMMITTED_DAY)


class Stopped(BaseException):
    """The operator or the system asked to stop. Like KeyboardInterrupt, it is not to be caught on the way."""


def main() -> int:
    """Serve until asked to stop. Return the exit code: 0, 1 when it cannot serve, 2 for a wrong setting."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, _stop)
    os.umask(_OWNER_ONLY)
    try:
        settings = read_settings()
        say("Starting the local stack...")
        with running(settings, say) as stack:
            _welcome(stack, settings)
            stack.welcomed.set()
            while True:
                time.sleep(_CHECK_SECONDS)
                stack.check()
    except Stopped:
        say("Stopped; the data stays.")
        return 0
    except KeyboardInterrupt:
        say("Forced to stop; what was answered is on disk.")
        return 130
    except WrongSetting as error:
        say(str(error))
        return 2
    except CannotServe as error:
        say(str(error))
        return 1


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    # A second Ctrl-C forces the stop; a system that sends SIGTERM or SIGHUP again does not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise Stopped


def _welcome(stack: Stack, settings: Settings) -> None:
    begun = seed.begun_with(settings.data_dir)
    if begun is not Samples.NONE:
        _print_sample_report(settings, begun)
    if settings.listen == EVERYWHERE:
        say("\nAnyone who reaches this port can log in as below: publish it to nobody but yourself.")
    if settings.origins:
        say(f"\nPages of {', '.join(settings.origins)} may use the API.")
    say(f"""
Page     {stack.url}/
API      {stack.url}/docs
Logins   {_logins(stack.first_password, begun)}
Command  {_command(settings)}
Inbox    {settings.inbox} (drop daily files here)
Notices  {settings.notices}
Mail     {settings.reports} (each morning's report, whole)

Voltbook is serving on {stack.url} (Ctrl-C stops it)""")


def _logins(first_password: str | None, begun: Samples | None) -> str:
    reset = f"voltbook users set-password {seed.FIRST_ADMIN}"
    if first_password is not None:
        return f"{seed.FIRST_ADMIN}/{first_password} (shown only this once; to replace it: {reset})"
    working = [] if begun is Samples.NONE else seed.working_demo_logins()
    if not working:
        return f"those of this book: voltbook users list (a forgotten password: {reset})"
    return ", ".join(f"{login.name}/{login.password}" for login in working)


def _command(settings: Settings) -> str:
    command = ".venv/bin/voltbook --help"
    if settings.data_dir == Path(DEFAULT_DATA_DIR).resolve():
        return command
    return f"{command}\n         export DATA_DIR={shlex.quote(str(settings.data_dir))}"


def _print_sample_report(settings: Settings, begun: Samples | None) -> None:
    arguments = ["report", seed.SAMPLE_TRADER, *(_COMMITTED_DAY if begun is Samples.COMMITTED else ())]
    say(f"\n$ voltbook {' '.join(arguments)}")
    environment = child_environment(DATA_DIR=str(settings.data_dir))  # by which the command finds this stack
    # The operator's profile may name another book or another format.
    command = [sys.executable, "-m", "cli", "--book", "local", *arguments, "-o", "table"]
    try:
        subprocess.run(command, cwd=ROOT, env=environment, timeout=_REPORT_SECONDS, check=True)
    except subprocess.SubprocessError as error:
        say(f"The sample report could not be printed: {error}")


def say(text: str) -> None:
    """Print to the operator's terminal, which may be gone."""
    with contextlib.suppress(OSError):
        try:
            print(text, flush=True)
        except UnicodeEncodeError:  # a terminal that is not UTF-8
            print(text.encode("ascii", "backslashreplace").decode("ascii"), flush=True)


if __name__ == "__main__":
    sys.exit(main())
