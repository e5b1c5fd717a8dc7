"""What administrators did, as people see it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cli.render.table import table, text_cell

COLUMNS: Final = ("at", "by", "act", "on", "before", "after")


def audit_table(entries: Sequence[Mapping[str, Any]]) -> str:
    """One act a row."""
    rows = [
        (
            *(text_cell(entry[name]) for name in ("at", "by", "act", "on")),
            text_cell(_brief(entry["before"])),
            text_cell(_brief(entry["after"])),
        )
        for entry in entries
    ]
    return table(("When", "Who", "What", "On", "Before", "After"), rows, "llllll")


def _brief(state: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in state.items())
