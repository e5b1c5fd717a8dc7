"""A receipt in one sentence, and each row that was set aside with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cli.render.numbers import grouped
from cli.terminal import shown

Receipt = Mapping[str, Any]

COLUMNS: Final = (
    "file_day",
    "version",
    "state",
    "key",
    "sha256",
    "rows",
    "booked",
    "already_there",
    "corrected",
    "quarantined",
    "reason",
    "imported_at",
)
_BOOKED: Final = frozenset({"imported", "provisional"})


def is_whole(receipt: Receipt) -> bool:
    """Tell whether every row of the file is in the book."""
    return receipt["state"] in _BOOKED and not receipt["quarantined"]


def receipts_text(receipts: Sequence[Receipt]) -> str:
    """Give a line a file, and under it a line for each row that was set aside."""
    return "\n".join(line for receipt in receipts for line in _lines(receipt))


def _lines(receipt: Receipt) -> list[str]:
    return [f"{shown(str(receipt['key']))}: {_sentence(receipt)}"] + [
        f"  line {row['line']}: {shown('; '.join(_problem(one) for one in row['problems']))}"
        for row in receipt["quarantine"]
    ]


def _sentence(receipt: Receipt) -> str:
    if receipt["state"] not in _BOOKED:
        said = f"{receipt['state']}, nothing booked"
        return f"{said}: {shown(receipt['reason'])}" if receipt["reason"] else said
    counts = [f"{grouped(receipt['booked'])} booked", f"{grouped(receipt['already_there'])} already there"]
    counts += [f"{grouped(receipt[name])} {name}" for name in ("corrected", "quarantined") if receipt[name]]
    said = ", ".join(counts)
    return f"{said} ({shown(receipt['reason'])})" if receipt["reason"] else said


def _problem(problem: Mapping[str, str]) -> str:
    return f"{problem['field']}: {problem['message']}"
