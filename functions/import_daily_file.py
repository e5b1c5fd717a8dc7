"""S3 says that an object was created: import it if it is a daily file. Events are hints, the import decides."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint

from chalicelib import wiring

blueprint = Blueprint(__name__)


@blueprint.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
def import_daily_file(event: Any) -> dict[str, object]:
    """Import what arrived, or say why it is none of ours."""
    from chalicelib.services.watching import arrived

    created = event.detail["object"]
    receipt = arrived(created["key"], created.get("version-id"), wiring.desk(f"event {event.event_id}"))
    return {"key": created["key"], "receipt": receipt.as_json(()) if receipt else None}
