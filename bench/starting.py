"""What a new process takes: to its first booked trade, to its help, to a report; in processor time of the process.

Also how many modules a cold `import app` reads, which is the same on any machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from bench import book
from bench.clients import trade
from bench.pairs import Pace, Result, at_most, bounded, compared, cpu_seconds, told
from infra import ROOT

MODULES: Final = 110
VOLTBOOK: Final = str(Path(sys.executable).with_name("voltbook"))
DAY: Final = ("--start-day", str(book.PROBE_DAY), "--end-day", str(book.PROBE_DAY))
BARE_BOOKING: Final = """
import json, sys, botocore.session
client = botocore.session.get_session().create_client("dynamodb")
client.transact_write_items(TransactItems=json.loads(sys.argv[1]))
"""
OUR_BOOKING: Final = """
import json, sys
from app import app
answer = app(json.loads(sys.argv[1]), None)
assert answer["statusCode"] == 200, answer
"""
BARE_REPORT: Final = """
import sys
from datetime import date
from chalicelib.access.identity import Identity, Role
from chalicelib.reports.bootstrap import report_stores
from chalicelib.reports.service import report_pnl
day = date.fromisoformat(sys.argv[1])
report_pnl("probe", day, day, Identity("bench", Role.ADMIN), report_stores())
"""
_numbers = count()


def measure(pace: Pace) -> list[Result]:
    """Start one process after the other."""
    with tempfile.TemporaryDirectory() as folder, book.engine(Path(folder)) as engine:
        book.use(book.STAGE)
        book.import_file(book.year_file(book.PROBE_TRADES))
        stack = {
            "pid": os.getpid(),
            "api": "http://127.0.0.1:9",
            "environment": {name: os.environ[name] for name in book.POINTED} | {"AWS_ENDPOINT_URL": engine.url},
        }
        (Path(folder) / "stack.json").write_text(json.dumps(stack))
        os.environ["DATA_DIR"] = folder
        os.environ["VOLTBOOK_STAGE"] = book.STAGE
        return _measure(pace)


def _measure(pace: Pace) -> list[Result]:
    bare_booking = "a script: import botocore, make the client, send one such transaction"
    report = [VOLTBOOK, "report", book.PROBE, *DAY, "-o", "table"]
    return [
        _started("a new process to its first booked trade", 1.25, (bare_booking, _bare_booking), _our_booking, pace),
        _started(
            "voltbook --help", 2, ('python -c "import click"', _python("import click")), _of([VOLTBOOK, "--help"]), pace
        ),
        _started(
            "voltbook report of a day",
            1.5,
            ("the same read without rendering", _python(BARE_REPORT, str(book.PROBE_DAY))),
            _of(report),
            pace,
        ),
        bounded("modules of a cold import app", "modules", MODULES, [modules()], f"at most {MODULES}"),
    ]


def _started(
    name: str, most: float, baseline: tuple[str, Callable[[], float]], ours: Callable[[], float], pace: Pace
) -> Result:
    return compared(name, "s of CPU", at_most(most), baseline, ours, pace)


def _of(command: list[str]) -> Callable[[], float]:
    return partial(cpu_seconds, command)


def _python(code: str, *arguments: str) -> Callable[[], float]:
    return _of([sys.executable, "-c", code, *arguments])


def _bare_booking() -> float:
    from bench.serving import transaction  # noqa: PLC0415 - nothing else here needs a server

    return _python(BARE_BOOKING, json.dumps(transaction(trade(next(_numbers)), book.STAGE)))()


def _our_booking() -> float:
    return _python(OUR_BOOKING, json.dumps(event(trade(next(_numbers)))))()


def event(posted: dict[str, object]) -> dict[str, object]:
    """What API Gateway hands a Lambda for a POST of an admin."""
    return {
        "headers": {"content-type": "application/json"},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": json.dumps(posted),
        "isBase64Encoded": False,
        "requestContext": {
            "resourcePath": "/v1/trades",
            "httpMethod": "POST",
            "authorizer": {"caller": json.dumps(["bench", "admin", None, "a seal"])},
        },
    }


def modules() -> int:
    """How many modules `import app` reads that a bare interpreter does not, where no tool of ours hooks into it."""
    held = [_modules(statement) for statement in ("pass", "import app")]
    return len(held[1] - held[0])


def _modules(statement: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"]
    clean = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=ROOT, env=clean, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


if __name__ == "__main__":
    told(measure)
