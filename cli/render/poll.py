"""The result of one poll for daily files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chalicelib.common.printable import shown
from cli.output.numbers import grouped
from cli.render.listings import price_sentence, state_of
from cli.render.receipts import COLUMNS as RECEIPT_COLUMNS
from cli.render.receipts import receipts_text, unconfirmed

Poll = Mapping[str, Any]

COLUMNS: Final = ("kind", *RECEIPT_COLUMNS, "subject", "written_at", "sent_at", "received", "changed", "unchanged")


def poll_text(polled: Poll) -> str:
    """Return a line for each imported file, late day, open day and notice, or that there was nothing to do."""
    lines = [receipts_text(polled["imported"])] if polled["imported"] else []
    lines += [f"{file_day}: late; the desk is notified now" for file_day in polled["late"]]
    lines += [_open(one) for one in polled["open"]]
    lines += [price_sentence(one) for one in polled.get("prices", ())]
    lines += [f"notice {state_of(one)}: {shown(one['subject'])}" for one in polled["notices"]]
    nothing = f"nothing to do for the files of {polled['start_day']} to {polled['end_day']}"
    return "\n".join(lines or [nothing]) + "\n"


def poll_rows(polled: Poll) -> Iterator[Mapping[str, Any]]:
    """Yield the same as rows; `kind` distinguishes imports, late days, open days and notices."""
    yield from ({"kind": "imported", **receipt} for receipt in polled["imported"])
    yield from ({"kind": "late", "file_day": file_day} for file_day in polled["late"])
    yield from ({"kind": "open", **day} for day in polled["open"])
    yield from ({"kind": "prices", **one} for one in polled.get("prices", ()))
    yield from ({**notice, "kind": f"notice {state_of(notice)}"} for notice in polled["notices"])


def _open(day: Mapping[str, Any]) -> str:
    return f"{day['file_day']}: {_state_of(day)}"


def _state_of(day: Mapping[str, Any]) -> str:
    file_day = day["file_day"]
    match day["state"]:
        case "expected" | "late":
            return str(day["reason"])
        case "held":
            return f"held, voltbook files accept {file_day}"
        case "importing":
            return "not finished; another run may be at it"
        case "rejected" | "waiting" as state:
            return f"{state}: {shown(day['reason'] or 'no reason is known')}"
    return _open_point(day)


def _open_point(day: Mapping[str, Any]) -> str:
    file_day = day["file_day"]
    if day["quarantined"] and not day.get("accepted_at"):
        return f"{grouped(day['quarantined'])} quarantined, voltbook files show {file_day}"
    if day["withdrawn"] and not day["confirmed_at"]:
        return f"{unconfirmed(day)}, voltbook files accept {file_day}"
    return f"{grouped(day.get('other_rows', 0))} rows were executed on other days, voltbook files show {file_day}"
