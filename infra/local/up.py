"""`make up`: the whole book on this machine, until Ctrl-C."""

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

from infra.local import first_start
from infra.local.holder import Held
from infra.local.processes import EngineError
from infra.local.server import PortTaken
from infra.local.settings import DEFAULT_DATA_DIR, EVERYWHERE, Settings, WrongSetting, read_settings
from infra.local.stack import Stack, running
from infra.local.workers import WorkerEnded
from infra.paths import ROOT

_LOOK_SECONDS = 0.5
_REPORT_SECONDS = 60
_COMMAND = (sys.executable, "-c", "from cli.main import main; main()")


class Stopped(BaseException):
    """The operator or the system asked to stop; like KeyboardInterrupt, nothing on the way may swallow it."""


def main() -> int:
    """Serves until asked to stop, which is 0; 1 when it cannot serve, 2 for a setting of no use."""
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if asked != signal.SIGHUP or signal.getsignal(asked) != signal.SIG_IGN:  # nohup stays nohup
            signal.signal(asked, _stop)
    try:
        settings = read_settings(os.environ)
        _serve(settings)
    except Stopped:
        say("Stopped; the data stays.")
        return 0
    except KeyboardInterrupt:
        say("Forced to stop; what was answered is on disk.")
        return 130
    except WrongSetting as error:
        say(str(error))
        return 2
    except (Held, PortTaken, EngineError, WorkerEnded) as error:
        say(str(error))
        return 1


def _serve(settings: Settings) -> NoReturn:
    say("Starting the local stack...")
    with running(settings, say) as stack:
        _welcome(stack, settings)
        stack.welcomed.set()
        while True:
            time.sleep(_LOOK_SECONDS)
            stack.check()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    # From here on a second Ctrl-C forces, and a system that asks twice is no operator in a hurry.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise Stopped


def _welcome(stack: Stack, settings: Settings) -> None:
    _print_sample_report(settings)
    if settings.listen == EVERYWHERE:
        say("\nWhoever reaches this port may log in as below: publish it to nobody but yourself.")
    logins = ", ".join(f"{login.name}/{login.password}" for login in first_start.DEMO_LOGINS)
    say(f"""
Page     {stack.url}/
API      {stack.url}/docs
Logins   {logins}
Command  {_command(settings)}
Inbox    {settings.inbox} (drop daily files here)
Notices  {settings.notices}
Mail     {settings.reports} (each morning's report, whole)

Voltbook is serving on {stack.url} (Ctrl-C stops it)""")


def _command(settings: Settings) -> str:
    """Names the command, and the line that lets it find a stack whose data is not where it looks."""
    command = ".venv/bin/voltbook --help"
    if settings.data_dir == Path(DEFAULT_DATA_DIR).resolve():
        return command
    return f"{command}\n         export DATA_DIR={shlex.quote(str(settings.data_dir))}"


def _print_sample_report(settings: Settings) -> None:
    """Shows the report of a sample day through the command itself, as the operator would ask for it."""
    day = first_start.SAMPLE_DAY
    asked = ["report", first_start.SAMPLE_TRADER, "--start-day", day, "--end-day", day]
    say(f"\n$ voltbook {' '.join(asked)}")
    environment = {**os.environ, "DATA_DIR": str(settings.data_dir)}
    # Whatever is usual for the operator, this is the report of this stack.
    command = [*_COMMAND, "--book", "local", *asked, "-o", "table"]
    try:
        ended = subprocess.run(command, cwd=ROOT, env=environment, timeout=_REPORT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        say("The sample report took too long.")
    else:
        if ended.returncode:
            say(f"The sample report could not be printed (exit {ended.returncode}).")


def say(words: str) -> None:
    # The terminal may be gone by the time the last words are said.
    with contextlib.suppress(OSError):
        try:
            print(words, flush=True)
        except UnicodeEncodeError:  # a terminal that is not UTF-8
            print(words.encode("ascii", "backslashreplace").decode("ascii"), flush=True)


if __name__ == "__main__":
    sys.exit(main())
