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
    file_day = day["file_day"]
    match day["state"]:
        case "expected" | "late":
            text = str(day["reason"])
        case "held":
            text = f"held, voltbook files accept {file_day}"
        case "importing":
            text = "not finished; another run may be importing it"
        case "rejected" | "waiting" as state:
            text = f"{state}: {shown(day['reason'] or 'no reason is known')}"
        case _:
            text = _open_point(day)
    return f"{file_day}: {text}"


def _open_point(day: Mapping[str, Any]) -> str:
    file_day = day["file_day"]
    if day["quarantined"] and not day.get("accepted_at"):
        return f"{grouped(day['quarantined'])} quarantined, voltbook files show {file_day}"
    if day["withdrawn"] and not day["confirmed_at"]:
        return f"{unconfirmed(day)}, voltbook files accept {file_day}"
    return f"{grouped(day.get('other_rows', 0))} rows were executed on other days, voltbook files show {file_day}"
