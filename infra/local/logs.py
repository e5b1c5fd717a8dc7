"""The logs of the stack, in files: the terminal shows only what the operator needs."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from chalicelib.common.printable import shown
from chalicelib.web.request_log import LOGGER
from infra.local.gateway import access_log

_MAX_BYTES = 10_000_000
_BACKUPS = 2


def write_logs(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    root = logging.getLogger()
    root.addHandler(_file(folder / "voltbook.log", "%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.setLevel(logging.WARNING)
    logging.getLogger("infra").setLevel(logging.INFO)
    access_log.addHandler(_file(folder / "api.log", "%(asctime)s %(message)s"))
    access_log.propagate = False
    journal = logging.getLogger(LOGGER)
    journal.addHandler(_file(folder / "journal.log", "%(message)s"))
    journal.propagate = False


class _EscapingFormatter(logging.Formatter):
    """Escapes names from outside, so that they neither end a line nor control a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return shown(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - logging's name and type
        return "\n".join(map(shown, super().formatException(ei).splitlines()))


def _file(path: Path, layout: str) -> logging.Handler:
    handler = RotatingFileHandler(path, maxBytes=_MAX_BYTES, backupCount=_BACKUPS, encoding="utf-8")
    handler.setFormatter(_EscapingFormatter(layout))
    return handler
