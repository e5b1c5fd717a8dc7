"""The logs of the local stack: files that rotate, and one line on the terminal when they cannot be written."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from chalicelib.common.printable import shown
from chalicelib.web.request_log import LOGGER
from infra.local.gateway import access_log

_MAX_BYTES = 10_000_000
_BACKUPS = 2
_REPORT_SECONDS = 3600.0


def write(folder: Path, say: Callable[[str], None]) -> None:
    """Write the logs into this folder from now on."""
    folder.mkdir(parents=True, exist_ok=True)
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    logging.getLogger("infra").setLevel(logging.INFO)
    trouble = _Trouble(say)
    for logger, name, layout in (
        (root, "voltbook.log", "%(asctime)s %(levelname)s %(name)s %(message)s"),
        (access_log, "api.log", "%(asctime)s %(message)s"),
        (logging.getLogger(LOGGER), "journal.log", "%(message)s"),
    ):
        logger.addHandler(_LogFile(folder / name, layout, trouble))
        logger.propagate = False


class _Trouble:
    """Reports at most once an hour that logs cannot be written."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._lock, self._quiet_until = say, threading.Lock(), 0.0

    def report(self, path: str, error: OSError) -> None:
        with self._lock:
            now = time.monotonic()
            if now < self._quiet_until:
                return
            self._quiet_until = now + _REPORT_SECONDS
        reason = error.strerror or str(error)
        self._say(f"{path} cannot be written: {reason}. The stack still serves, and what it cannot log is lost.")


class _LogFile(RotatingFileHandler):
    def __init__(self, path: Path, layout: str, trouble: _Trouble) -> None:
        super().__init__(path, maxBytes=_MAX_BYTES, backupCount=_BACKUPS, encoding="utf-8")
        self.setFormatter(_EscapingFormatter(layout))
        self._trouble = trouble

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            self._trouble.report(self.baseFilename, error)
        else:
            super().handleError(record)


class _EscapingFormatter(logging.Formatter):
    """Escapes names from outside, so that they neither end a line nor control a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return shown(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - logging's name and type
        return "\n".join(map(shown, super().formatException(ei).splitlines()))
