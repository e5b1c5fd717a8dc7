"""The status of a book in lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chalicelib.common.printable import shown
from cli.output.table import fields_table
from cli.render.completeness import completeness_line
from cli.render.receipts import sentence

POINT_COLUMNS: Final = ("kind", "day", "message", "command")


def status_text(status: Mapping[str, Any]) -> str:
    return "\n".join(_lines(status)) + "\n"


def _lines(status: Mapping[str, Any]) -> Iterator[str]:
    yield f"Yesterday, {status['day']}"
    if "files" not in status["not_shown"]:
        yield f"File: {shown(_file(status['file']))}"
    yield completeness_line(status)
    if "notices" in status["not_shown"]:
        yield "Unsent notices are shown with --book only."
    yield ""
    if not status["points"]:
        unseen = "files" in status["not_shown"]
        yield "Nothing of yours needs attention; files are shown to the desk." if unseen else "Nothing needs attention."
        return
    headers = {"kind": "Kind", "day": "Day", "message": "Needs attention", "command": "Command"}
    yield fields_table(headers, status["points"])


def _file(file: Mapping[str, Any] | None) -> str:
    if file is None:
        return "not there yet; voltbook feeds shows when it is due"
    state, text = str(file["state"]), sentence(file)
    return text if text.startswith(state) else f"{state}: {text}"
