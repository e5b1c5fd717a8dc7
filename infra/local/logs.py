"""The stack's logs, in files: the terminal is for what the operator wants to read."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from chalicelib.api.journal import LOGGER
from infra.local.gateway import access_log

_MAX_BYTES = 10_000_000
_KEPT = 2


def write_logs(folder: Path) -> None:
    """Sends the gateway's answers to api.log, the app's lines to journal.log, everything else to voltbook.log."""
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


def _file(path: Path, layout: str) -> logging.Handler:
    handler = RotatingFileHandler(path, maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter(layout))
    return handler
