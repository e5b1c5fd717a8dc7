"""A receipt in one sentence, what to know of it, and each quarantined row with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.common.printable import shown
from cli.output.numbers import grouped
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
    """Return a line a file, and under it a line for each thing to know of it and each quarantined row."""
    return "\n".join(line for receipt in receipts for line in _lines(receipt))


def sentence(receipt: Receipt) -> str:
    """Say what became of a file's rows, and why where something did."""
    why = shown(receipt["reason"]) if receipt["reason"] else None
    if receipt["state"] == "absent":
        return why or "no file will come"
    if receipt["state"] in _NOT_BOOKED:
        said = f"{receipt['state']}, nothing booked"
        return f"{said}: {why}" if why else said
    counts = [f"{grouped(receipt['booked'])} booked", f"{grouped(receipt['already_there'])} already there"]
    if receipt["corrected"]:
        counts.append(f"{grouped(receipt['corrected'])} corrected")
    if receipt["withdrawn"]:
        counts.append(f"{grouped(receipt['withdrawn'])} withdrawn" if receipt["confirmed_at"] else unconfirmed(receipt))
    if receipt["quarantined"]:
        counts.append(f"{grouped(receipt['quarantined'])} quarantined{_accepted(receipt)}")
    said = ", ".join(counts)
    if receipt["state"] == "importing":
        said = f"not finished, so far {said}"
    return f"{said} ({why})" if why else said


def unconfirmed(receipt: Receipt) -> str:
    """Say how many booked trades a file lacks, while nobody has confirmed that they are withdrawn."""
    return f"{grouped(receipt['withdrawn'])} missing from the file (still booked)"


def what_to_do(receipt: Receipt) -> str | None:
    """Say which command goes on where a person has to decide; None where there is nothing to decide."""
    accept = f"voltbook files accept {receipt['file_day']}"
    if receipt["state"] == "held":
        return f"to see what importing it would do, and to agree: {accept}"
    if receipt["state"] == "importing":
        return "importing it again goes on where it ended: voltbook check"
    if receipt["state"] == "late" and not receipt["version"]:
        return f"if it will never come: {accept}"
    if receipt["withdrawn"] and not receipt["confirmed_at"]:
        return f"trades that the file does not have stay booked until you say so: {accept}"
    if receipt["state"] == "provisional" and receipt["quarantined"] < receipt["rows"]:
        return f"if the quarantined rows are to stay out: {accept}"
    return None


def notes(receipt: Receipt) -> list[str]:
    """Return what to know of a file that changes no exit code."""
    said = [str(warning) for warning in receipt.get("warnings", ())]
    if others := receipt.get("other_rows"):
        rows = "1 row was" if others == 1 else f"{grouped(others)} rows were"
        said.append(f"{rows} executed on other days")
    if receipt.get("ignored_columns"):
        said.append(f"columns that are no field of a trade: {', '.join(receipt['ignored_columns'])}")
    return said


def say_notes(receipt: Receipt) -> None:
    for note in notes(receipt):
        say(f"{receipt['key']}: note: {note}")


def say_what_to_do(receipt: Receipt) -> None:
    advice = what_to_do(receipt)
    if advice is not None:
        say(f"{receipt['key']}: {advice}")


def _lines(receipt: Receipt) -> list[str]:
    first = [f"{shown(str(receipt['key']))}: {sentence(receipt)}", *(f"  note: {shown(one)}" for one in notes(receipt))]
    return first + [
        f"  line {row['line']}: {shown('; '.join(_problem(one) for one in row['problems']))}"
        for row in receipt["quarantine"]
    ]


def _accepted(receipt: Receipt) -> str:
    return f" (accepted by {shown(receipt['accepted_by'])})" if receipt.get("accepted_by") else ""


def _problem(problem: Mapping[str, str]) -> str:
    return f"{problem['field']}: {problem['message']}"
