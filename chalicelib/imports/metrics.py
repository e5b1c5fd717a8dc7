"""What imports are measured by: the same counts as their receipts, once each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.web import request_log

if TYPE_CHECKING:
    from chalicelib.feeds.receipt import Receipt
    from chalicelib.imports.polling import Looked
    from chalicelib.imports.price_import import PriceImport


def note_imports(receipts: Sequence[Receipt]) -> None:
    """Add what became of files to the line under way.

    A version is measured by the run that ended it, for the counts of a receipt are those of all its runs; one that is
    held or still importing is measured when that is over.
    """
    from chalicelib.feeds.receipt import BOOKED_STATES, FileState

    if receipts:
        request_log.note(files=[_in_short(receipt) for receipt in receipts])
    for receipt in receipts:
        if receipt.state in BOOKED_STATES:
            request_log.measure(
                FilesImported=1,
                Booked=receipt.booked,
                AlreadyThere=receipt.already_there,
                Corrected=receipt.corrected,
            )
        if receipt.state in {*BOOKED_STATES, FileState.REJECTED}:
            request_log.measure(Quarantined=receipt.quarantined)
    rows = sum(receipt.rows for receipt in receipts if receipt.state in BOOKED_STATES)
    if rows:
        request_log.measure(ImportRowsPerSecond=request_log.per_second(rows))


def note_look(looked: Looked) -> None:
    """Add what a look did and found to the line under way."""
    note_imports(looked.imported)
    request_log.note(late=[file_day.isoformat() for file_day in looked.missing], unsent=looked.unsent)
    request_log.measure(FilesLate=len(looked.missing), NoticesUnsent=looked.unsent)


def note_price_files(imported: Sequence[PriceImport]) -> None:
    """Add what became of price files to the line under way: why one was rejected quotes it, so that is left out."""
    if imported:
        rejected = [one.key for one in imported if one.reason is not None]
        counts = [{"key": one.key, **one.said.as_json()} for one in imported if one.reason is None]
        request_log.note(price_files=counts, rejected_price_files=rejected)


def _in_short(receipt: Receipt) -> dict[str, object]:
    return {
        "file_day": receipt.file_day.isoformat(),
        "version": receipt.version,
        "state": receipt.state.value,
        "rows": receipt.rows,
        "booked": receipt.booked,
        "already_there": receipt.already_there,
        "corrected": receipt.corrected,
        "quarantined": receipt.quarantined,
        "withdrawn": receipt.withdrawn,
    }
