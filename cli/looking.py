"""One look for daily files by hand, at a time of the operator's choice, and what came of it."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.watch import days_to_look_for
from chalicelib.services.desk import Desk
from chalicelib.services.watching import look
from cli.open_book import Json


def look_once(desk: Desk, at: datetime) -> Json:
    """Look as at that time; give the receipts, the file days found late, and the notices that were sent or wait."""
    days = days_to_look_for(at)
    told = {_key(notice) for notice in desk.outbox.of(days) if notice.sent_at is not None}
    looked = look(desk, at)
    receipts = [(one, desk.receipts.quarantine(one.file_day, one.version)) for one in looked.imported]
    return {
        "at": format_utc(at),
        "start_day": days[0].isoformat(),
        "end_day": days[-1].isoformat(),
        "imported": [receipt.as_json(quarantine) for receipt, quarantine in receipts],
        "late": [file_day.isoformat() for file_day in looked.late],
        "notices": [notice.as_json() for notice in desk.outbox.of(days) if _key(notice) not in told],
    }


def _key(notice: Notice) -> tuple[date, Kind, int]:
    return notice.file_day, notice.kind, notice.version
