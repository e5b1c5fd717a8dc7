"""Profiles as people see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.render.table import table, text_cell


def profiles_table(profiles: Sequence[Mapping[str, Any]]) -> str:
    """One profile a row, the default marked."""
    return table(("Name", "Book", "User", "Trader", "Format"), [_cells(one) for one in profiles], "lllll")


def _cells(profile: Mapping[str, Any]) -> tuple[str, ...]:
    name = text_cell(profile["name"])
    return (
        f"{name} (default)" if profile["default"] else name,
        text_cell(profile["api"] or profile["book"]),
        *(text_cell(profile[key]) for key in ("user", "trader", "output")),
    )
