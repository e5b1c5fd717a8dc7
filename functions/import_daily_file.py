"""S3 says that an object was created: import it if its name is ours. Events are hints, the import decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import wiring
from chalicelib.api import journal
from chalicelib.api.measures import note_imports, note_price_files
from chalicelib.domain.printable import shown

if TYPE_CHECKING:
    from chalicelib.services.desk import Desk

blueprint = Blueprint(__name__)

PATTERN: Final[dict[str, Any]] = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"bucket": {"name": [{"prefix": "voltbook-"}]}},
}


@blueprint.on_cw_event(PATTERN)
@journal.one_run
def import_daily_file(event: Any) -> dict[str, object]:
    """Import what arrived, trades or reference prices by its name, or say why it is none of ours."""
    key, bucket = event.detail["object"]["key"], event.detail["bucket"]["name"]
    journal.note(key=shown(key))
    if bucket != wiring.settings().bucket:
        return _ignored(key, "it is in another bucket")
    outcome = _arrived(key, wiring.desk(f"event {event.event_id}", event.context))
    return _ignored(key, outcome) if isinstance(outcome, str) else {"key": key, **outcome}


def _arrived(key: str, desk: Desk) -> dict[str, object] | str:
    from chalicelib.domain.price_file import price_file_day_of
    from chalicelib.services.price_importing import arrived_prices
    from chalicelib.services.watching import arrived

    price_day = price_file_day_of(key)
    if price_day is not None:
        imported = arrived_prices(price_day, desk, wiring.prices(), wiring.price_files())
        if isinstance(imported, str):
            return imported
        note_price_files([imported])
        return {"prices": [imported.as_json()]}
    outcome = arrived(key, desk)
    if isinstance(outcome, str):
        return outcome
    note_imports([outcome])
    return {"receipt": outcome.as_json(())}


def _ignored(key: str, why: str) -> dict[str, object]:
    journal.note(ignored=shown(why))
    return {"key": key, "ignored": why}
