"""S3 says that an object was created: import it if it is a daily file. Events are hints, the import decides."""

from __future__ import annotations

import logging
from typing import Any, Final

from chalice import Blueprint

from chalicelib import wiring

blueprint = Blueprint(__name__)
log = logging.getLogger(__name__)


PATTERN: Final[dict[str, Any]] = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"bucket": {"name": [{"prefix": "voltbook-"}]}},
}


@blueprint.on_cw_event(PATTERN)
def import_daily_file(event: Any) -> dict[str, object]:
    """Import what arrived, or say why it is none of ours."""
    from chalicelib.services.watching import arrived

    key, bucket = event.detail["object"]["key"], event.detail["bucket"]["name"]
    if bucket != wiring.settings().bucket:
        log.info("ignored %r: it is in another bucket, %r", key, bucket)
        return {"key": key, "ignored": "it is in another bucket"}
    outcome = arrived(key, wiring.desk(f"event {event.event_id}", event.context))
    if isinstance(outcome, str):
        log.info("ignored %r: %s", key, outcome)
        return {"key": key, "ignored": outcome}
    return {"key": key, "receipt": outcome.as_json(())}
