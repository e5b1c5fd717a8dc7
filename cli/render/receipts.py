"""Receipts in one sentence each with the command to run next, and the result of a poll for files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chalicelib.common.names import DAILY_NAME
from chalicelib.common.printable import shown
from cli.output.page import grouped
from cli.output.table import fields_table
from cli.render.listings import price_sentence, state_of
from cli.terminal import say

Receipt = Mapping[str, Any]
Poll = Mapping[str, Any]

# fmt: off
_LINES: Final = 5
"""Named of those with the same problems."""
COLUMNS: Final = (
    "file_day", "version", "state", "key", "sha256", "rows", "booked", "already_there", "corrected", "withdrawn",
    "quarantined", "reason", "imported_at", "confirmed_at",
)
# fmt: on
FEED_COLUMNS: Final = (
    "feed",
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
    "received",
    "changed",
    "unchanged",
    "reason",
    "imported_at",
)
POLL_COLUMNS: Final = ("kind", *COLUMNS, "subject", "written_at", "sent_at", "received", "changed", "unchanged")
_NOT_BOOKED: Final = frozenset({"waiting", "rejected", "held", "late"})


def receipts_text(receipts: Sequence[Receipt]) -> str:
    return "\n".join(line for receipt in receipts for line in _lines(receipt))


def imports_text(receipts: Sequence[Receipt]) -> str:
    """Return the receipts in sentences; several that are not all of daily files also as a table."""
    text = receipts_text(receipts)
    if len(receipts) == 1 or all(receipt.get("feed", DAILY_NAME) == DAILY_NAME for receipt in receipts):
        return text
    headers = {
        "feed": "Feed",
        "file_day": "File day",
        "state": "State",
        "rows": "Rows",
        "new": "New",
        "same": "As before",
        "bad": "Problems",
    }
    return f"{text}\n\n{fields_table(headers, list(map(_summary, receipts)), 'lllrrrr')}"


def _summary(receipt: Receipt) -> Receipt:
    prices = "received" in receipt
    names = ("received", "changed", "unchanged") if prices else ("rows", "booked", "already_there")
    rows, new, same = (int(receipt[name]) for name in names)
    bad = len(receipt["problems"]) + receipt["more_problems"] if prices else receipt["quarantined"]
    new += 0 if prices else receipt["corrected"]
    counts = {"rows": grouped(rows), "new": grouped(new), "same": grouped(same), "bad": grouped(bad)}
    return {
        "feed": DAILY_NAME,
        **{name: receipt[name] for name in ("feed", "file_day", "state") if name in receipt},
        **counts,
    }


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
    return f"{grouped(receipt['withdrawn'])} missing, still booked until accepted"


def file_arguments(receipt: Receipt) -> str:
    """Return the file as commands take it."""
    feed = receipt.get("feed", DAILY_NAME)
    return str(receipt["file_day"]) if feed == DAILY_NAME else f"{receipt['file_day']} --feed {feed}"


def what_to_do(receipt: Receipt) -> str | None:
    """Return what resolves an open point of a file, if any."""
    accept = f"voltbook files accept {file_arguments(receipt)}"
    by_state = {
        "held": f"to see what importing it would do, and to agree: {accept}",
        "waiting": "it is imported once it is stored whole under the same name, or the named setting is mended",
        "rejected": "to mend it, store the right file under the same name",
        "importing": "importing it again continues where it stopped: voltbook check",
    }
    if advice := by_state.get(receipt["state"]):
        return advice
    if receipt["state"] == "late" and not receipt["version"]:
        return f"if it will never come: {accept}"
    if receipt["withdrawn"] and not receipt["confirmed_at"]:
        return f"to see the trades that the file does not have, and to take them out of the book: {accept}"
    if receipt["state"] == "provisional" and receipt["quarantined"] < receipt["rows"]:
        return f"to leave the quarantined rows out, and to see first what else that changes: {accept}"
    return None


def notes(receipt: Receipt) -> list[str]:
    remarks = [str(warning) for warning in receipt.get("warnings", ())]
    if others := receipt.get("other_rows"):
        remarks.append(_on_other_days(others))
    if receipt.get("ignored_columns"):
        remarks.append(f"columns that are not fields of a trade: {', '.join(receipt['ignored_columns'])}")
    return remarks


def say_advice(receipt: Receipt, output: str | None = None) -> None:
    """Write to stderr what to do next, preceded by the notes, which the formats CSV and JSON do not show."""
    if "received" in receipt:
        _say_rows(receipt)
        return
    remarks = [f"note: {note}" for note in notes(receipt)] if output in {"csv", "json"} else []
    for text in (*remarks, what_to_do(receipt)):
        if text is not None:
            say(f"{receipt['key']}: {text}")


def _say_rows(receipt: Receipt) -> None:
    """Write to stderr the rows for which a file of prices was rejected, and its gaps."""
    lines: dict[str, list[int]] = {}
    for row in (*receipt["problems"], *receipt["gaps"]):
        problems = "; ".join(f"{problem['field']}: {problem['message']}" for problem in row["problems"])
        lines.setdefault(problems, []).append(row["line"])
    for problems, places in lines.items():
        say(f"{receipt['key']}: {_listed(places)}: {problems}")
    if more := receipt["more_problems"] + receipt["more_gaps"]:
        say(f"{receipt['key']}: and {grouped(more)} more")


def _listed(lines: Sequence[int]) -> str:
    shown_lines = ", ".join(map(str, lines[:_LINES]))
    more = f" and {len(lines) - _LINES} more" if len(lines) > _LINES else ""
    return f"line {lines[0]}" if len(lines) == 1 else f"lines {shown_lines}{more}"


def _lines(receipt: Receipt) -> list[str]:
    if "received" in receipt:
        return [price_sentence(receipt)]
    lines = [f"{shown(str(receipt['key']))}: {sentence(receipt)}", *(f"  note: {shown(n)}" for n in notes(receipt))]
    for row in receipt["quarantine"]:
        problems = "; ".join(f"{problem['field']}: {problem['message']}" for problem in row["problems"])
        lines.append(f"  line {row['line']}: {shown(problems)}")
    return lines


def poll_text(polled: Poll) -> str:
    lines = [receipts_text(polled["imported"])] if polled["imported"] else []
    lines += [f"{file_day}: late; the desk is notified now" for file_day in polled["late"]]
    lines += [_open(day) for day in polled["open"]]
    lines += [price_sentence(price_import) for price_import in polled.get("prices", ())]
    lines += [f"notice {state_of(notice)}: {shown(notice['subject'])}" for notice in polled["notices"]]
    nothing = f"nothing to do for the files of {polled['start_day']} to {polled['end_day']}"
    return "\n".join(lines or [nothing]) + "\n"


def poll_rows(polled: Poll) -> Iterator[Mapping[str, Any]]:
    yield from ({"kind": "imported", **receipt} for receipt in polled["imported"])
    yield from ({"kind": "late", "file_day": file_day} for file_day in polled["late"])
    yield from ({"kind": "open", **day} for day in polled["open"])
    yield from ({"kind": "prices", **price_import} for price_import in polled.get("prices", ()))
    yield from ({**notice, "kind": f"notice {state_of(notice)}"} for notice in polled["notices"])


def _open(day: Mapping[str, Any]) -> str:
    feed = day.get("feed", DAILY_NAME)
    name = day["file_day"] if feed == DAILY_NAME else f"{feed}@{day['file_day']}"
    match day["state"]:
        case "expected" | "late":
            text = str(day["reason"])
        case "held":
            text = f"held, voltbook files accept {file_arguments(day)}"
        case "importing":
            text = "not finished; another run may be importing it"
        case "rejected" | "waiting" as state:
            text = f"{state}: {shown(day['reason'] or 'no reason is known')}"
        case _:
            text = _open_point(day)
    return f"{name}: {text}"


def _open_point(day: Mapping[str, Any]) -> str:
    file = file_arguments(day)
    if day["quarantined"] and not day.get("accepted_at"):
        return f"{grouped(day['quarantined'])} quarantined, voltbook files show {file}"
    if day["withdrawn"] and not day["confirmed_at"]:
        return f"{unconfirmed(day)}, voltbook files accept {file}"
    return f"{_on_other_days(day.get('other_rows', 0))}, voltbook files show {file}"


def _on_other_days(rows: int) -> str:
    return "1 row was executed on another day" if rows == 1 else f"{grouped(rows)} rows were executed on other days"
