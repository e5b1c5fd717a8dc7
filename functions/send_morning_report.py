"""Every half hour: mail yesterday's report once its data is complete, at the latest at 08:00."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint, Cron

from chalicelib.web import request_log

if TYPE_CHECKING:
    from chalicelib.mails.model import Letter
    from chalicelib.mails.service import Mailed

blueprint = Blueprint(__name__)


@blueprint.schedule(Cron("0/30", "*", "*", "*", "?", "*"))
@request_log.log_run
def send_morning_report(event: Any) -> dict[str, object]:
    """Write and send due mails; EventBridge runs in UTC, the service decides by the Berlin clock."""
    from chalicelib.mails.bootstrap import mail_context
    from chalicelib.mails.service import send_morning_mails

    mailed = send_morning_mails(mail_context(f"mail {event.event_id}"))
    note_mails(mailed)
    return {
        "written": [{"delivery_day": str(mail.delivery_day), "version": mail.version} for mail in mailed.written],
        "sent": [{"subject": letter.mail.subject, "channel": letter.channel.value} for letter in mailed.sent],
        "unsent": len(mailed.unsent),
    }


def note_mails(mailed: Mailed) -> None:
    """Log what was written and sent, and why not; without subjects, which quote figures."""
    request_log.note(
        written=[str(mail.delivery_day) for mail in mailed.written],
        sent=[_day_and_channel(letter) for letter in mailed.sent],
        unsent=len(mailed.unsent),
        reasons=[f"{_day_and_channel(letter)}: {why}" for letter, why in mailed.unsent],
    )
    if mailed.crowded:
        request_log.note(crowded=[f"{trader} on {day}" for day, trader in mailed.crowded])
    request_log.measure(MailsUnsent=len(mailed.unsent), TraderDaysCrowded=len(mailed.crowded))


def _day_and_channel(letter: Letter) -> str:
    return f"{letter.mail.delivery_day} by {letter.channel.value}"
