"""A receipt in one sentence, and each row that was set aside with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.printable import shown
from cli.render.numbers import grouped
from cli.terminal import say

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
    "withdrawn",
    "quarantined",
    "reason",
    "imported_at",
    "confirmed_at",
)
_NOT_BOOKED: Final = frozenset({"waiting", "rejected", "held", "late"})


def receipts_text(receipts: Sequence[Receipt]) -> str:
    """Give a line a file, and under it a line for each row that was set aside."""
    return "\n".join(line for receipt in receipts for line in _lines(receipt))


def sentence(receipt: Receipt) -> str:
    """Say what became of a file's rows, and why where something did."""
    why = shown(receipt["reason"]) if receipt["reason"] else None
    if receipt["state"] in _NOT_BOOKED:
        said = f"{receipt['state']}, nothing booked"
        return f"{said}: {why}" if why else said
    counts = [f"{grouped(receipt['booked'])} booked", f"{grouped(receipt['already_there'])} already there"]
    if receipt["corrected"]:
        counts.append(f"{grouped(receipt['corrected'])} corrected")
    if receipt["withdrawn"]:
        counts.append(f"{grouped(receipt['withdrawn'])} withdrawn" if receipt["confirmed_at"] else unconfirmed(receipt))
    if receipt["quarantined"]:
        counts.append(f"{grouped(receipt['quarantined'])} quarantined")
    said = ", ".join(counts)
    if receipt["state"] == "importing":
        said = f"not finished, so far {said}"
    return f"{said} ({why})" if why else said


def unconfirmed(receipt: Receipt) -> str:
    """Say how many booked trades a file lacks, while nobody has confirmed that they are withdrawn."""
    return f"{grouped(receipt['withdrawn'])} missing from the file (still booked)"


def what_to_do(receipt: Receipt) -> str | None:
    """Say which command goes on where a person has to decide; None where there is nothing to decide."""
    day = receipt["file_day"]
    if receipt["state"] == "held":
        return f"to import it all the same and withdraw what it lacks: voltbook files confirm-withdrawn {day}"
    if receipt["state"] == "importing":
        return "importing it again goes on where it ended: voltbook check"
    if receipt["withdrawn"] and not receipt["confirmed_at"]:
        return f"trades that the file lacks stay booked until you say so: voltbook files confirm-withdrawn {day}"
    return None


def say_what_to_do(receipt: Receipt) -> None:
    """Say it on stderr, with the file it is about."""
    advice = what_to_do(receipt)
    if advice is not None:
        say(f"{receipt['key']}: {advice}")


def _lines(receipt: Receipt) -> list[str]:
    return [f"{shown(str(receipt['key']))}: {sentence(receipt)}"] + [
        f"  line {row['line']}: {shown('; '.join(_problem(one) for one in row['problems']))}"
        for row in receipt["quarantine"]
    ]


def _problem(problem: Mapping[str, str]) -> str:
    return f"{problem['field']}: {problem['message']}"
