"""Notices as people see them: a line each, or in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.printable import shown
from cli.render.table import table, text_cell

Notice = Mapping[str, Any]

COLUMNS: Final = ("file_day", "kind", "version", "subject", "written_at", "sent_at")


def notices_table(notices: Sequence[Notice]) -> str:
    """One notice a row."""
    rows = [(text_cell(one["written_at"]), state_of(one), text_cell(one["subject"])) for one in notices]
    return table(("Written", "State", "Notice"), rows, "lll")


def notices_text(notices: Sequence[Notice]) -> str:
    """Each notice with its body."""
    return "\n\n".join(_in_full(notice) for notice in notices) or "There are no notices."


def state_of(notice: Notice) -> str:
    """Tell whether the desk heard of it."""
    return "sent" if notice["sent_at"] else "unsent"


def _in_full(notice: Notice) -> str:
    lines = [f"{notice['subject']} ({state_of(notice)})", *(f"  {line}" for line in notice["body"].split("\n"))]
    return "\n".join(shown(line) for line in lines)
