"""Previews: the effect of accepting a held version."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.common.errors import NotFound
from chalicelib.feeds.receipt import BOOKED_STATES, Receipt
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.survey import survey_rows
from chalicelib.imports.validation import FileValidation, row_ids, validate_file
from chalicelib.imports.withdrawals import missing_from


@dataclass(frozen=True, slots=True)
class Preview:
    new: int
    already_there: int
    quarantined: int
    other_terms: int
    withdrawn: int


def preview(held: Receipt, context: ImportContext) -> Preview | None:
    """Return the effect of importing a held version now; None if its object no longer exists."""
    try:
        with context.store.fetch(held.key, held.object_version) as stored:
            limits = replace(context.limits, footers=context.limits.footers | context.receipts.footers())
            validation = validate_file(stored.content, limits, file_day=held.file_day, stored_at=stored.stored_at)
            survey = survey_rows(stored, validation, held.file_day, context)
            return Preview(
                new=survey.rows - survey.booked,
                already_there=survey.agreeing + len(validation.repeated),
                other_terms=survey.booked - survey.agreeing - survey.clashing,
                quarantined=len(validation.quarantine) + survey.clashing,
                withdrawn=_withdrawn(held, stored, validation, context),
            )
    except NotFound:
        return None


def _withdrawn(held: Receipt, stored: StoredFile, validation: FileValidation, context: ImportContext) -> int:
    versions = context.receipts.versions(held.file_day)
    before = next((receipt for receipt in versions if receipt.state in BOOKED_STATES), None)
    if before is None:
        return 0
    return len(missing_from(before, row_ids(stored.content, validation), context)[0].withdrawable)
