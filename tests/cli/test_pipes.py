"""The command among other programs: a reader that goes, a parser that reads on, a narrow terminal, no colours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date

import pytest

from tests.cli.an_api import Api
from tests.cli.open_books import a_report
from tests.cli.test_golden import EVIL, a_desk
from tests.fixtures.trades import trade

VOLTBOOK = f"{sys.executable} -c 'from cli.__main__ import main; main()'"


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def shell(api: Api, line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash; a status of a program within it is the whole line's."""
    login = {"VOLTBOOK_API": api.url, "VOLTBOOK_USER": "anna", "VOLTBOOK_PASSWORD": "x"}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("voltbook ", f"{VOLTBOOK} ", 1)],
        env={**os.environ, **login, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("form", ["table", "csv", "json", "xlsx"])
def test_a_reader_that_has_seen_enough_is_no_error(form: str, api: Api) -> None:
    # A year is more than a pipe holds, so the command is still writing when the reader goes.
    api.answers = [(200, a_report([trade("a")], date(2023, 1, 1), date(2023, 12, 31)), {})]
    done = shell(api, f"voltbook report --start-day 2023-01-01 --end-day 2023-12-31 -o {form} | head -c 2")
    assert (done.returncode, len(done.stdout)) == (0, 2)
    assert done.stderr == f"book: {api.url} as anna\n"


def test_a_parser_reads_the_json(api: Api) -> None:
    api.answers = [(200, a_desk(), {})]
    done = shell(
        api, f"voltbook report --start-day 2026-06-15 -o json | {sys.executable} -m json.tool --no-ensure-ascii"
    )
    assert done.returncode == 0
    assert json.loads(done.stdout) == a_desk()


def test_a_narrow_terminal_without_colours(api: Api) -> None:
    api.answers = [(200, a_desk(), {})]
    line = "voltbook report --start-day 2026-06-15 -o table"
    done = shell(api, line, NO_COLOR="1", FORCE_COLOR="1", COLUMNS="60")
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 60
    assert "\x1b[3" in shell(api, line, FORCE_COLOR="1", COLUMNS="60").stdout


@pytest.mark.parametrize("args", ["report -o csv", "report --decimal-comma", "scorecard"])
def test_a_trader_that_is_a_formula_runs_in_no_spreadsheet(args: str, api: Api) -> None:
    from tests.cli.test_golden import cards

    api.answers = [(200, cards() if args == "scorecard" else a_desk(), {})]
    done = shell(api, f"voltbook {args} --start-day 2026-06-15")
    assert f"'{EVIL}" in done.stdout
    assert f",{EVIL}" not in done.stdout
    assert f";{EVIL}" not in done.stdout
