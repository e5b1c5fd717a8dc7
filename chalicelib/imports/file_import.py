"""The import of one version of a daily file, with every row counted in its receipt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from chalicelib.common.delivery import day_start
from chalicelib.common.errors import InvalidRequest
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.feed import DAYS_BACK
from chalicelib.feeds.receipt import BOOKED_STATES, RULES, FileState, Receipt, few_own_rows
from chalicelib.feeds.store import Lease, StoredFile
from chalicelib.imports.change_sums import change_sums
from chalicelib.imports.context import ImportContext
from chalicelib.imports.import_run import Progress, Run
from chalicelib.imports.notices import BookChanges, outcome_notices, recovered_notice, restored_notice
from chalicelib.imports.survey import (
    TAKEN_BACK,
    Survey,
    odd_rows,
    others_of_day,
    read_stored,
    reason_to_hold,
    survey_rows,
)
from chalicelib.imports.unconfirmed import list_unconfirmed, unconfirmed_of, under_other_ids
from chalicelib.imports.validation import FileValidation
from chalicelib.imports.withdrawals import record_missing, turned_by
from chalicelib.notices.model import Kind

_COUNTS: Final = ("booked", "already_there", "enriched", "corrected", "quarantined")


@dataclass(frozen=True, slots=True)
class Acceptance:
    version: int
    by: str


def overtaken(version: int, file_day: date) -> InvalidRequest:
    return InvalidRequest(f"version {version} of the file of {file_day} is not the newest any more; check it again")


@dataclass(frozen=True, slots=True)
class FileImport:
    """The import of a stored file under a lease.

    `existing` is the newest receipt if it has the same content, `before` that of the version replaced in the book.
    """

    context: ImportContext
    stored: StoredFile
    lease: Lease
    progress: Progress

    def run(self, acceptance: Acceptance | None = None) -> Receipt:
        """Import the file, or resume its import, and return the receipt."""
        existing = self._existing()
        if acceptance is not None and (existing is None or existing.version != acceptance.version):
            raise overtaken(acceptance.version, self.lease.file_day)
        if existing is not None and existing.state in BOOKED_STATES and not existing.without_effect:
            if not self._reads_otherwise(existing):
                return self._compare(existing)
            existing = None
        before = self._version_before(existing)
        validation, survey = self._validate(before, existing, accepted=acceptance is not None)
        receipt = self._first_receipt(validation, existing, before, survey)
        if validation.state is not FileState.IMPORTING:
            return self._stop(receipt, validation, existing)
        if existing is None or existing.state is not FileState.IMPORTING:
            self.context.receipts.store_quarantine(self.lease, receipt.version, validation.quarantine)
            by = acceptance.by if acceptance else None
            self.context.receipts.save(self.lease, receipt, self.context.until(), by=by)
        run = Run(
            self.context,
            self.lease,
            self.stored,
            validation,
            repeat=survey is None or bool(survey.booked or survey.turned),
        )
        if survey is None or survey.turned:
            run.turned.set()
        booked, done = run.book(receipt, self.progress)
        return self._end(booked, run, before, accepted=acceptance is not None) if done else booked

    def _existing(self) -> Receipt | None:
        newest = self.lease.newest
        return newest if newest is not None and newest.sha256 == self.stored.sha256 else None

    def _reads_otherwise(self, existing: Receipt) -> bool:
        """Check whether the format, a setting, now takes other rows of this file: then it is a new version."""
        if not self.context.reader.rereads:
            return False
        quarantine = self.context.receipts.quarantine(existing.file_day, existing.version, by_validation=True)
        before = {row.line for row in quarantine}
        now = read_stored(self.stored, self.lease.file_day, self.context)
        return now.state is not FileState.IMPORTING or {row.line for row in now.quarantine} != before

    def _version_before(self, existing: Receipt | None) -> Receipt | None:
        """Return the newest other version with rows in the book; it may be unfinished if its object is gone."""
        if self.lease.newest is None:
            return None
        versions = self.context.receipts.versions(self.lease.file_day)
        others = (receipt for receipt in versions if existing is None or receipt.version != existing.version)
        return next((receipt for receipt in others if receipt.state in {*BOOKED_STATES, FileState.IMPORTING}), None)

    def _validate(
        self, before: Receipt | None, existing: Receipt | None, *, accepted: bool
    ) -> tuple[FileValidation, Survey | None]:
        limits, day = self.context.limits, self.lease.file_day
        resumed = existing is not None and existing.state is FileState.IMPORTING
        if existing is not None and resumed and existing.rules != RULES:
            quarantine = self.context.receipts.quarantine(existing.file_day, existing.version, by_validation=True)
            return self.context.reader.validate_unfinished(self.stored.content, existing, quarantine), None
        if self.stored.size > limits.size:
            reason = f"the file has {self.stored.size} bytes, at most {limits.size} are read"
            return FileValidation(FileState.REJECTED, reason=reason), None
        if self.context.clock.now() < day_start(day):
            return FileValidation(FileState.REJECTED, reason=f"{day} has not begun yet"), None
        validation = read_stored(self.stored, day, self.context)
        if validation.unset is not None and resumed:
            raise validation.unset  # the receipt keeps its counts
        if validation.state is not FileState.IMPORTING or resumed:
            return validation, None
        survey = survey_rows(self.stored, validation, self.lease.file, self.context)
        was_imported = existing is not None and existing.state in BOOKED_STATES
        no_good_row = bool(validation.rows) and survey.clashing == survey.rows  # all are bad, or have ids in use
        books_nothing = was_imported and no_good_row  # and were accepted before
        hold_reason = None if accepted or books_nothing else self._reason_to_hold(validation, survey, before)
        if hold_reason is not None:
            validation = replace(validation, state=FileState.HELD, reason=hold_reason)
        return validation, survey

    def _reason_to_hold(self, validation: FileValidation, survey: Survey, before: Receipt | None) -> str | None:
        if before is not None and validation.rows * 100 < before.rows * (100 - self.context.limits.fewer_percent):
            rows = "1 row" if validation.rows == 1 else f"{validation.rows} rows"
            return f"it has {rows}, version {before.version} had {before.rows}"
        own, others = validation.own_rows, validation.other_rows
        if before is not None and before.good_rows and before.stands_for_its_day and own < others:
            return f"{few_own_rows(own, others, self.lease.file_day)}, unlike those of version {before.version}"
        return reason_to_hold(survey, validation, self.lease.file_day, self.context, first=before is None)

    def _first_receipt(
        self, validation: FileValidation, existing: Receipt | None, before: Receipt | None, survey: Survey | None
    ) -> Receipt:
        if existing is not None and existing.state is validation.state is FileState.IMPORTING:
            return replace(existing, key=self.stored.key, object_version=self.stored.version)
        newest = self.lease.newest
        standing_version, standing_at = before.in_book if before else (0, None)
        has_good_rows = validation.state is FileState.IMPORTING and len(validation.quarantine) < max(validation.rows, 1)
        return Receipt(
            file_day=self.lease.file_day,
            version=existing.version if existing else (newest.version if newest else 0) + 1,
            state=validation.state,
            key=self.stored.key,
            sha256=self.stored.sha256,
            object_version=self.stored.version,
            rows=validation.rows,
            quarantined=len(validation.quarantine),
            ignored_columns=validation.ignored_columns,
            reason=validation.reason,
            changed_before=before.changed if before else False,
            undecided_days=newest.undecided_days if newest else (),
            standing_version=standing_version,
            standing_at=standing_at,
            rules=RULES,
            format=validation.format,
            mapping=validation.mapping,
            own_rows=validation.own_rows,
            feed=self.context.feed.name,
            other_rows=validation.other_rows,
            early=self._is_early() if before is None or has_good_rows else before.early,
            warnings=self._warnings(validation, survey) if validation.state is FileState.IMPORTING else (),
        )

    def _is_early(self) -> bool:
        return self.stored.stored_at < day_start(self.lease.file_day + timedelta(days=1))

    def _warnings(self, validation: FileValidation, survey: Survey | None) -> tuple[str, ...]:
        newest = self.context.receipts.newest([self.lease.file_day - timedelta(days=n) for n in range(1 + DAYS_BACK)])
        booked = [receipt for _, receipt in sorted(newest.items()) if receipt.state in BOOKED_STATES]
        known = booked[-1].ignored_columns if booked else validation.ignored_columns
        new = [name for name in validation.ignored_columns if name not in known]
        columns = (f"the header has new columns, which are not read: {', '.join(new)}",) if new else ()
        others = self.context.never_imported(self.lease.file_day, self.stored.key)
        return (*columns, *others_of_day(others), *(survey.warnings if survey else ()))

    def _stop(self, receipt: Receipt, validation: FileValidation, existing: Receipt | None) -> Receipt:
        if receipt != existing:
            self.context.receipts.store_quarantine(self.lease, receipt.version, validation.quarantine)
            now = self.context.clock.now()
            notices = outcome_notices(receipt, validation.quarantine, now, unset=validation.unset is not None)
            self.context.receipts.save(self.lease, receipt, self.context.until(), notices)
        return receipt

    def _compare(self, existing: Receipt) -> Receipt:
        """Put back trades of an imported version that are no longer in the book; return what became of its rows now.

        The stored receipt keeps the counts of the first import.
        """
        quarantine = self.context.receipts.quarantine(existing.file_day, existing.version)
        validation = self.context.reader.validate_imported(self.stored.content, existing, quarantine)
        blank = replace(
            existing, booked=0, already_there=0, enriched=0, corrected=0, quarantined=len(quarantine), progress=0
        )
        run = Run(self.context, self.lease, self.stored, validation, finished=True)
        compared, done = run.book(blank, self.progress)
        changed = compared.corrected > 0
        stored = replace(existing, changed_before=existing.changed_before or changed)
        if done:  # else the next poll finds another object than the one that was read, and compares it again
            early = existing.early and self._is_early()
            stored = replace(stored, key=self.stored.key, object_version=self.stored.version, early=early)
        if stored != existing or changed:
            now = self.context.clock.now()
            recovered = existing.awaited and not stored.awaited and self._was_missed(None)
            notices = [recovered_notice(stored, now)] if recovered else []
            notices += [restored_notice(stored, compared.corrected, now)] if changed else []
            self.context.receipts.save(self.lease, stored, self.context.until(), notices)
        counts = {name: getattr(compared, name) for name in _COUNTS}
        stale = change_sums(existing, self.context).stale_warning(turns=self.context.reader.turns)
        warnings = [warning for warning in _with(existing.warnings, stale) if TAKEN_BACK not in warning]
        if lines := run.taken_back.values():
            warnings.append(odd_rows(TAKEN_BACK, len(lines), min(lines)))
        return replace(stored, **counts, progress=compared.progress, warnings=tuple(warnings))

    def _end(self, booked: Receipt, run: Run, before: Receipt | None, *, accepted: bool) -> Receipt:
        now, validation = self.context.clock.now(), run.validation
        clashing = run.quarantine_repeated_clashes(booked)
        ended = replace(
            booked,
            state=FileState.PROVISIONAL if booked.quarantined else FileState.IMPORTED,
            already_there=booked.already_there + len(validation.repeated) - clashing,
            quarantined=booked.quarantined + clashing,
            reason="the file has no rows" if booked.rows == 0 else None,
            imported_at=format_utc(now),
        )
        turned = turned_by(self.stored, validation, self.lease.file, self.context) if run.turned.is_set() else set()
        if before is not None or turned:
            rows = self.context.reader.row_sides(self.stored.content, validation)
            ended = record_missing(ended, before, rows, turned, self.lease, self.context)
        if before is None:
            ended = replace(ended, warnings=(*ended.warnings, *self._look_alikes(validation)))
        earlier = before or self.lease.newest
        added = ended.booked > 0 and earlier is not None and earlier.settled and earlier.usable
        sums = change_sums(ended, self.context)
        other = added or (sums.corrected > 0 and not ended.corrected)  # of complete days, or beside a side that clashes
        warnings = _with(ended.warnings, sums.stale_warning(turns=self.context.reader.turns))
        ended = replace(ended, warnings=warnings, changed_before=ended.changed_before or other)
        quarantine = self.context.receipts.quarantine(ended.file_day, ended.version)
        missed = ended.usable and self._was_missed(before)
        changed = BookChanges(sums.cash(self.context.book), sums.corrected, sums.restored, added=added)
        shown = replace(ended, withdrawn=0) if accepted else ended  # an acceptance withdraws them next, with a notice
        notices = outcome_notices(shown, quarantine, now, was_missed=missed, changed=changed)
        self.context.receipts.save(self.lease, ended, self.context.until(), notices)
        return ended

    def _look_alikes(self, validation: FileValidation) -> tuple[str, ...]:
        unconfirmed = [revision.trade for revision in unconfirmed_of(self.lease.file_day, self.context)]
        rows = (trade for _, (trade, _) in self.context.reader.good_rows(self.stored.content, validation))
        count = under_other_ids(unconfirmed, rows)
        if not count:
            return ()
        one = "1 posted trade looks like a row under another id, and is counted twice if it is one"
        many = f"{count} posted trades look like rows under other ids, and each that is one is counted twice"
        return (f"{one if count == 1 else many}: {list_unconfirmed(self.lease.file_day)}",)

    def _was_missed(self, before: Receipt | None) -> bool:
        kinds = {notice.kind for notice in self.context.outbox.of([self.lease.file_day])}
        return (Kind.LATE in kinds or (Kind.REJECTED in kinds and before is None)) and Kind.RECOVERED not in kinds


def _with(warnings: tuple[str, ...], another: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*warnings, *([another] if another else [])]))
