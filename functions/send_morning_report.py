"""Every half hour: mail the desk what yesterday made, as soon as its data is complete and at 08:00 at the latest."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint, Cron

from chalicelib import wiring
from chalicelib.api import journal
from chalicelib.api.measures import note_mails

blueprint = Blueprint(__name__)


@blueprint.schedule(Cron("0/30", "*", "*", "*", "?", "*"))
@journal.one_run
def send_morning_report(event: Any) -> dict[str, object]:
    """Write and send what there is to tell; EventBridge fires in UTC, the Berlin clock decides in tested code."""
    from chalicelib.services.mailing import send_morning_mails

    mailed = send_morning_mails(wiring.office(f"mail {event.event_id}"))
    note_mails(mailed)
    return {
        "written": [{"delivery_day": str(mail.delivery_day), "version": mail.version} for mail in mailed.written],
        "sent": [{"subject": letter.mail.subject, "channel": letter.channel.value} for letter in mailed.sent],
        "unsent": len(mailed.unsent),
    }
