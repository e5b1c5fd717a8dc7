"""What bookings and imports are measured by: the same counts as their answers and receipts, once each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.api import journal
from chalicelib.services.booking import Outcome

if TYPE_CHECKING:
    from chalicelib.domain.morning import Letter
    from chalicelib.domain.receipt import Receipt
    from chalicelib.services.mailing import Mailed
    from chalicelib.services.price_importing import PriceImport
    from chalicelib.services.watching import Looked


def note_booking(outcome: Outcome) -> None:
    """Add what became of a posted trade to the line under way."""
    journal.note(outcome=outcome.value)
    if outcome is Outcome.BOOKED:
        journal.measure(Booked=1)
    else:
        journal.measure(AlreadyThere=1)


def note_imports(receipts: Sequence[Receipt]) -> None:
    """Add what became of files to the line under way.

    A version is measured by the run that ended it, for the counts of a receipt are those of all its runs; one that is
    held or still importing is measured when that is over.
    """
    from chalicelib.domain.receipt import BOOKED_STATES, FileState

    if receipts:
        journal.note(files=[_in_short(receipt) for receipt in receipts])
    for receipt in receipts:
        if receipt.state in BOOKED_STATES:
            journal.measure(
                FilesImported=1,
                Booked=receipt.booked,
                AlreadyThere=receipt.already_there,
                Corrected=receipt.corrected,
            )
        if receipt.state in {*BOOKED_STATES, FileState.REJECTED}:
            journal.measure(Quarantined=receipt.quarantined)
    rows = sum(receipt.rows for receipt in receipts if receipt.state in BOOKED_STATES)
    if rows:
        journal.measure(ImportRowsPerSecond=journal.per_second(rows))


def note_look(looked: Looked) -> None:
    """Add what a look did and found to the line under way."""
    note_imports(looked.imported)
    journal.note(late=[file_day.isoformat() for file_day in looked.missing], unsent=looked.unsent)
    journal.measure(FilesLate=len(looked.missing), NoticesUnsent=looked.unsent)


def note_price_files(imported: Sequence[PriceImport]) -> None:
    """Add what became of price files to the line under way: why one was rejected quotes it, so that is left out."""
    if imported:
        rejected = [one.key for one in imported if one.reason is not None]
        counts = [{"key": one.key, **one.said.as_json()} for one in imported if one.reason is None]
        journal.note(price_files=counts, rejected_price_files=rejected)


def note_mails(mailed: Mailed) -> None:
    """Add what was written and sent to the line under way, and why a letter was not; subjects quote figures."""
    journal.note(
        written=[str(mail.delivery_day) for mail in mailed.written],
        sent=[_addressed(letter) for letter in mailed.sent],
        unsent=len(mailed.unsent),
        reasons=[f"{_addressed(letter)}: {why}" for letter, why in mailed.unsent],
    )


def _addressed(letter: Letter) -> str:
    return f"{letter.mail.delivery_day} by {letter.channel.value}"


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
