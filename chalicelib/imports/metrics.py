"""Metrics of imports: the counts of their receipts, each counted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.web import request_log

if TYPE_CHECKING:
    from chalicelib.imports.polling import PollResult
    from chalicelib.imports.price_import import PriceImport


def note_imports(receipts: Sequence[Receipt]) -> None:
    """Add the outcome of imports to the log line and the metrics."""
    # The run that finished a version measures it, as the counts of a receipt are those of all its runs.
    if receipts:
        request_log.note(
            files=[
                {"file_day": one.file.text, "version": one.version, "state": one.state.value, **one.counts}
                for one in receipts
            ]
        )
    for receipt in receipts:
        if receipt.state in BOOKED_STATES:
            booked, there, corrected = receipt.booked, receipt.already_there, receipt.corrected
            request_log.measure(FilesImported=1, Booked=booked, AlreadyThere=there, Corrected=corrected)
        if receipt.state in {*BOOKED_STATES, FileState.REJECTED}:
            request_log.measure(Quarantined=receipt.quarantined)
    rows = sum(receipt.rows for receipt in receipts if receipt.state in BOOKED_STATES)
    if rows:
        request_log.measure(ImportRowsPerSecond=request_log.per_second(rows))


def note_poll(result: PollResult) -> None:
    note_imports(result.imported)
    request_log.note(late=[file.text for file in result.missing], unsent=result.unsent)
    request_log.measure(FilesLate=len(result.missing), NoticesUnsent=result.unsent)


def note_price_files(imported: Sequence[PriceImport]) -> None:
    """Add the outcome of price files to the log line, without reasons: these quote the file."""
    if imported:
        rejected = [outcome.key for outcome in imported if outcome.reason is not None]
        counts = [{"key": outcome.key, **outcome.counts.as_json()} for outcome in imported if outcome.reason is None]
        request_log.note(price_files=counts, rejected_price_files=rejected)
