"""What one look for daily files came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cli.render.notices import state_of
from cli.render.receipts import COLUMNS as RECEIPT_COLUMNS
from cli.render.receipts import receipts_text
from cli.terminal import shown

Look = Mapping[str, Any]

COLUMNS: Final = ("kind", *RECEIPT_COLUMNS, "subject", "written_at", "sent_at")


def look_text(looked: Look) -> str:
    """Give a line a file that was imported, a late day and a notice; or say that there was nothing to do."""
    lines = [receipts_text(looked["imported"])] if looked["imported"] else []
    lines += [f"{file_day}: late, and not told before" for file_day in looked["late"]]
    lines += [f"notice {state_of(one)}: {shown(one['subject'])}" for one in looked["notices"]]
    nothing = f"nothing to do for the files of {looked['start_day']} to {looked['end_day']}"
    return "\n".join(lines or [nothing]) + "\n"


def look_rows(looked: Look) -> Iterator[Mapping[str, Any]]:
    """Give the same in one list; `kind` tells imports, late days and notices apart."""
    yield from ({"kind": "imported", **receipt} for receipt in looked["imported"])
    yield from ({"kind": "late", "file_day": file_day} for file_day in looked["late"])
    yield from ({**notice, "kind": f"notice {state_of(notice)}"} for notice in looked["notices"])
