"""The stack's logs hold what came from outside so that nothing obeys it."""

from __future__ import annotations

import logging
from pathlib import Path

from infra.local import stack


def test_a_name_from_outside_neither_ends_a_line_nor_speaks_to_a_terminal(tmp_path: Path) -> None:
    handler = stack._file(tmp_path / "voltbook.log", "%(levelname)s %(message)s")
    name = "a\x1b[2J\n\u202eERROR forged.csv"
    trouble = (ValueError, ValueError(name), None)
    record = logging.LogRecord("infra", logging.WARNING, "x", 1, "%s was taken", (name,), trouble)
    handler.emit(record)
    handler.close()
    first, *trace = (tmp_path / "voltbook.log").read_text(encoding="utf-8").splitlines()
    assert first == "WARNING a\\x1b[2J\\n\\u202eERROR forged.csv was taken"
    assert all(line.isprintable() for line in trace)
    assert any("ValueError" in line for line in trace)
