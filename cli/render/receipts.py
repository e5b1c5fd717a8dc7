"""A receipt in one sentence, with its notes, its quarantined rows, and the command to run next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.common.printable import shown
from cli.output.numbers import grouped
from cli.terminal import say

Receipt = Mapping[str, Any]

# fmt: off
COLUMNS: Final = (
    "file_day", "version", "state", "key", "sha256", "rows", "booked", "already_there", "corrected", "withdrawn",
    "quarantined", "reason", "imported_at", "confirmed_at",
)
# fmt: on
_NOT_BOOKED: Final = frozenset({"waiting", "rejected", "held", "late"})


def receipts_text(receipts: Sequence[Receipt]) -> str:
    return "\n".join(line for receipt in receipts for line in _lines(receipt))


def sentence(receipt: Receipt) -> str:
    reason = shown(receipt["reason"]) if receipt["reason"] else None
    if receipt["state"] == "absent":
        return reason or "no file will come"
    if receipt["state"] in _NOT_BOOKED:
        return f"{receipt['state']}, nothing booked{f': {reason}' if reason else ''}"
    counts = [f"{grouped(receipt['booked'])} booked", f"{grouped(receipt['already_there'])} already there"]
    if receipt["corrected"]:
        counts.append(f"{grouped(receipt['corrected'])} corrected")
    if receipt["withdrawn"]:
        counts.append(f"{grouped(receipt['withdrawn'])} withdrawn" if receipt["confirmed_at"] else unconfirmed(receipt))
    if receipt["quarantined"]:
        accepted = f" (accepted by {shown(receipt['accepted_by'])})" if receipt.get("accepted_by") else ""
        counts.append(f"{grouped(receipt['quarantined'])} quarantined{accepted}")
    so_far = "not finished, so far " if receipt["state"] == "importing" else ""
    return f"{so_far}{', '.join(counts)}{f' ({reason})' if reason else ''}"


def unconfirmed(receipt: Receipt) -> str:
    return f"{grouped(receipt['withdrawn'])} missing from the file (still booked)"


def what_to_do(receipt: Receipt) -> str | None:
    """Return the command that resolves an open point of a file, if any."""
    accept = f"voltbook files accept {receipt['file_day']}"
    if receipt["state"] == "held":
        return f"to see what importing it would do, and to agree: {accept}"
    if receipt["state"] == "importing":
        return "importing it again continues where it stopped: voltbook check"
    if receipt["state"] == "late" and not receipt["version"]:
        return f"if it will never come: {accept}"
    if receipt["withdrawn"] and not receipt["confirmed_at"]:
        return f"trades that the file does not have stay booked until you confirm their withdrawal: {accept}"
    if receipt["state"] == "provisional" and receipt["quarantined"] < receipt["rows"]:
        return f"if the quarantined rows are to stay out: {accept}"
    return None


def notes(receipt: Receipt) -> list[str]:
    remarks = [str(warning) for warning in receipt.get("warnings", ())]
    if others := receipt.get("other_rows"):
        rows = "1 row was" if others == 1 else f"{grouped(others)} rows were"
        remarks.append(f"{rows} executed on other days")
    if receipt.get("ignored_columns"):
        remarks.append(f"columns that are not fields of a trade: {', '.join(receipt['ignored_columns'])}")
    return remarks


def say_advice(receipt: Receipt, output: str | None = None) -> None:
    """Write to stderr what to do next, preceded by the notes, which the formats CSV and JSON do not show."""
    remarks = [f"note: {note}" for note in notes(receipt)] if output in {"csv", "json"} else []
    for text in (*remarks, what_to_do(receipt)):
        if text is not None:
            say(f"{receipt['key']}: {text}")


def _lines(receipt: Receipt) -> list[str]:
    lines = [f"{shown(str(receipt['key']))}: {sentence(receipt)}", *(f"  note: {shown(n)}" for n in notes(receipt))]
    for row in receipt["quarantine"]:
        problems = "; ".join(f"{problem['field']}: {problem['message']}" for problem in row["problems"])
        lines.append(f"  line {row['line']}: {shown(problems)}")
    return lines
