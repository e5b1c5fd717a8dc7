"""Every half hour: import the last days' files that are not in the book yet."""

from __future__ import annotations

from typing import Any

from chalice import Blueprint, Cron

from chalicelib.web import request_log

blueprint = Blueprint(__name__)


@blueprint.schedule(Cron("0/30", "*", "*", "*", "?", "*"))
@request_log.log_run
def check_daily_file(event: Any) -> dict[str, object]:
    """Poll once; EventBridge runs in UTC, the service decides by the Berlin clock."""
    from chalicelib.imports.bootstrap import import_context, price_stores
    from chalicelib.imports.metrics import note_poll, note_price_files
    from chalicelib.imports.polling import notify_late, poll
    from chalicelib.imports.price_import import poll_prices

    # A process may die in a file: late notices come first, then prices, whose files are small. If one part fails, the
    # others still run.
    context = import_context(f"poll {event.event_id}", event.context)
    scans = None
    try:
        scans = notify_late(context)
    finally:
        try:
            prices = poll_prices(context, price_stores())
            note_price_files(prices)
        finally:
            result = poll(context, None, scans)
            note_poll(result)
    return {
        "imported": [receipt.as_json(()) for receipt in result.imported],
        "late": [file.text for file in result.late],
        "unsent": result.unsent,
        "prices": [price_file.as_json() for price_file in prices],
    }
