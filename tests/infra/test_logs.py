"""The stack's logs: what came from outside is harmless in them, and a full disk does not flood the terminal."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

from infra import ROOT
from infra.local import gateway, logs
from tests.infra.tiny import tiny_app

LOG_ON_A_FULL_DISK = """
import logging, resource, sys
from pathlib import Path
from chalicelib.web.request_log import LOGGER
from infra.local import logs
from infra.local.server import access_log

logs.write(Path(sys.argv[1]), lambda text: print(text, flush=True))
logging.warning("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
for number in range(300):
    try:
        raise ValueError(number)
    except ValueError:
        for logger in (logging.getLogger(), logging.getLogger(LOGGER), access_log):
            logger.exception("a line of trouble")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
logging.warning("after")
"""


def test_a_name_from_outside_neither_ends_a_line_nor_speaks_to_a_terminal(tmp_path: Path) -> None:
    handler = logs._LogFile(tmp_path / "voltbook.log", "%(levelname)s %(message)s", logs._Trouble(print))
    name = "a\x1b[2J\n\u202eERROR forged.csv"
    trouble = (ValueError, ValueError(name), None)
    record = logging.LogRecord("infra", logging.WARNING, "x", 1, "%s was taken", (name,), trouble)
    handler.emit(record)
    handler.close()
    first, *trace = (tmp_path / "voltbook.log").read_text(encoding="utf-8").splitlines()
    assert first == "WARNING a\\x1b[2J\\n\\u202eERROR forged.csv was taken"
    assert all(line.isprintable() for line in trace)
    assert any("ValueError" in line for line in trace)


def test_full_disk_is_reported_in_one_line_and_logging_resumes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOG_ON_A_FULL_DISK, str(tmp_path)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stderr == ""
    [line] = done.stdout.splitlines()
    assert line == f"{tmp_path}/voltbook.log cannot be written: File too large. {line.partition('. ')[2]}"
    log = (tmp_path / "voltbook.log").read_text()
    assert "before" in log
    assert log.endswith("after\n")


def test_a_log_that_is_full_is_continued_in_a_new_file(tmp_path: Path) -> None:
    handler = logs._LogFile(tmp_path / "api.log", "%(message)s", logs._Trouble(print))
    handler.maxBytes = 20
    for number in range(7):
        handler.emit(logging.LogRecord("infra", logging.INFO, "x", 1, "request %d", (number,), None))
    handler.close()
    files = ("api.log.2", "api.log.1", "api.log")
    assert [(tmp_path / name).read_text().splitlines() for name in files] == [
        ["request 2", "request 3"],
        ["request 4", "request 5"],
        ["request 6"],
    ]


def test_a_request_is_logged_when_its_response_has_been_sent(tmp_path: Path) -> None:
    handler = logs._RequestLog(tmp_path / "journal.log", "%(message)s", logs._Trouble(print))
    log, app = logging.getLogger("of this test"), tiny_app()
    log.addHandler(handler)
    app.route("/logged")(lambda: log.error("a request"))
    environ: dict[str, Any] = {"REQUEST_URI": "/logged"}
    setup_testing_defaults(environ)
    body = iter(gateway.application(app)(environ, lambda *_: lambda _: None))
    next(body)
    assert (tmp_path / "journal.log").read_text() == ""
    assert list(body) == []
    log.error("a run")
    log.removeHandler(handler)
    handler.close()
    assert (tmp_path / "journal.log").read_text().splitlines() == ["a request", "a run"]
