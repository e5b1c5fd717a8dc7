"""On a new object in the bucket: import it if it is a daily file. Events are hints, the import decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib.common.printable import shown
from chalicelib.web import request_log

if TYPE_CHECKING:
    from chalicelib.imports.context import ImportContext

blueprint = Blueprint(__name__)

PATTERN: Final[dict[str, Any]] = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"bucket": {"name": [{"prefix": "voltbook-"}]}},
}


@blueprint.on_cw_event(PATTERN)
@request_log.log_run
def import_daily_file(event: Any) -> dict[str, object]:
    """Import a file of trades or reference prices, or return why it is ignored."""
    from chalicelib.imports.bootstrap import import_context
    from chalicelib.settings import settings

    key, bucket = event.detail["object"]["key"], event.detail["bucket"]["name"]
    request_log.note(key=shown(key))
    if bucket != settings().bucket:
        return _ignored(key, "it is in another bucket")
    outcome = _arrived(key, import_context(f"event {event.event_id}", event.context))
    return _ignored(key, outcome) if isinstance(outcome, str) else {"key": key, **outcome}


def _arrived(key: str, context: ImportContext) -> dict[str, object] | str:
    from chalicelib.feeds.bootstrap import feeds
    from chalicelib.feeds.feed import FeedKind, feeds_of
    from chalicelib.imports.bootstrap import price_stores
    from chalicelib.imports.feed_files import FeedFile
    from chalicelib.imports.metrics import note_imports, note_price_files
    from chalicelib.imports.polling import arrived
    from chalicelib.imports.price_import import arrived_prices

    for feed, file_day in feeds_of(key, feeds()):
        if feed.kind is FeedKind.PRICES:
            imported = arrived_prices(FeedFile(feed, file_day, key), context, price_stores())
            if isinstance(imported, str):
                return imported
            note_price_files([imported])
            return {"prices": [imported.as_json()]}
    outcome = arrived(key, context)
    if isinstance(outcome, str):
        return outcome
    note_imports([outcome])
    return {"receipt": outcome.as_json(())}


def _ignored(key: str, why: str) -> dict[str, object]:
    request_log.note(ignored=shown(why))
    return {"key": key, "ignored": why}
