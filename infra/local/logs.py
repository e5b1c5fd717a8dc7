"""The logs of the local stack: files that rotate, and one line on the terminal when they cannot be written."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from chalicelib.common.printable import shown
from chalicelib.web.request_log import LOGGER
from infra.local.gateway import after_response
from infra.local.server import access_log

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
    for logger, name, layout, kind in (
        (root, "voltbook.log", "%(asctime)s %(levelname)s %(name)s %(message)s", _LogFile),
        (access_log, "api.log", "%(asctime)s %(message)s", _LogFile),
        (logging.getLogger(LOGGER), "journal.log", "%(message)s", _RequestLog),
    ):
        logger.addHandler(kind(folder / name, layout, trouble))
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

    def shouldRollover(self, _record: logging.LogRecord) -> bool:  # noqa: N802 - logging's name
        """Look at the size alone: the class would format each line twice and look twice at its path."""
        return self.stream is not None and os.fstat(self.stream.fileno()).st_size >= self.maxBytes

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            self._trouble.report(self.baseFilename, error)
        else:
            super().handleError(record)


class _RequestLog(_LogFile):
    """Writes the lines of a request when its response has been sent, and all others at once."""

    def handle(self, record: logging.LogRecord) -> bool:
        later = after_response.get()
        if later is None:
            return super().handle(record)
        later.append(lambda: super(_RequestLog, self).handle(record))
        return True


class _EscapingFormatter(logging.Formatter):
    """Escapes names from outside, so that they neither end a line nor control a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return shown(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - logging's name and type
        return "\n".join(map(shown, super().formatException(ei).splitlines()))
