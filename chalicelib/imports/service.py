"""Importing a daily file: judged whole, booked in transactions, every row accounted for in its receipt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from chalicelib.common.delivery import day_start
from chalicelib.common.errors import InvalidRequest, NotFound
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.feed import file_name
from chalicelib.feeds.receipt import BOOKED_STATES, RULES, FileState, Receipt
from chalicelib.feeds.store import Lease, Receipts, StoredFile
from chalicelib.imports.context import ImportContext
from chalicelib.imports.findings import adds_trades, changed_days, new_columns, stale_warnings
from chalicelib.imports.import_run import Progress, Run
from chalicelib.imports.notices import outcome_notices, recovered_notice, restored_notice
from chalicelib.imports.recheck import recheck_near
from chalicelib.imports.survey import Survey, reason_to_hold, survey
from chalicelib.imports.validation import Verdict, judge, judged_before, judged_in_part
from chalicelib.imports.withdrawals import note_withdrawn
from chalicelib.notices.model import Kind, Notice
from chalicelib.notices.service import send_unsent

UNENDED = frozenset({FileState.IMPORTING, FileState.WAITING})


@dataclass(frozen=True, slots=True)
class LetIn:
    """A held version, and who accepted it."""

    version: int
    by: str


def silent(_done: int, _rows: int) -> None:
    pass


def import_daily_file(
    file_day: date, desk: ImportContext, progress: Progress = silent, *, let_in: LetIn | None = None
) -> Receipt:
    """Import the newest version of a day's file, tell what there is to tell, and give its receipt.

    Whatever made us look, only the newest version counts, and which that is is read under the lease. A version that an
    earlier run left half done is ended first, so that the next one knows what it follows. Content that was imported
    before is compared with the book again, and what is no longer there is put back.
    `let_in` names a version that was held and may be imported. A receipt that is still `importing` says that time
    ran out: the next run goes on.

    Raises NotFound without a file, ImportUnderWay while another run has it, InvalidRequest where the version let in is
    the newest no more.
    """
    if desk.store.newest_version(file_name(file_day)) is None:
        message = f"there is no file {file_name(file_day)}"
        raise NotFound(message)
    with desk.lease(file_day) as lease:
        receipt = _import_newest(lease, desk, progress, let_in)
    if receipt.state is not FileState.IMPORTING:
        recheck_near(file_day, desk)
    send_unsent([file_day], desk)
    return receipt


def overtaken(version: int, file_day: date) -> InvalidRequest:
    """The refusal to act on a version that is the newest no more."""
    return InvalidRequest(f"version {version} of the file of {file_day} is not the newest any more; look at it again")


def already_imported(file_day: date, object_version: str, receipts: Receipts) -> bool:
    """Tell whether this very version of the object came to its end before, so that a look need not read it."""
    receipt = receipts.newest([file_day]).get(file_day)
    return receipt is not None and receipt.state not in UNENDED and receipt.object_version == object_version


def _import_newest(lease: Lease, desk: ImportContext, progress: Progress, let_in: LetIn | None) -> Receipt:
    key, newest = file_name(lease.file_day), lease.newest
    version = desk.store.newest_version(key)
    if newest is not None and newest.state is FileState.IMPORTING and newest.object_version != version:
        ended = _end_unfinished(newest, lease, desk, progress)
        if ended is not None and ended.state is FileState.IMPORTING:
            return ended
        lease = replace(lease, newest=ended or newest)
    with desk.store.fetch(key, version) as stored:
        run = _Import(desk, stored, lease, progress)
        if let_in is not None and not run.is_about(let_in.version):
            raise overtaken(let_in.version, lease.file_day)
        return run.run(let_in)


def _end_unfinished(unfinished: Receipt, lease: Lease, desk: ImportContext, progress: Progress) -> Receipt | None:
    """End a version that a newer one has overtaken; None where its object is gone."""
    try:
        with desk.store.fetch(unfinished.key, unfinished.object_version) as stored:
            return _Import(desk, stored, lease, progress).run(None)
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class _Import:
    """One run under a lease."""

    desk: ImportContext
    stored: StoredFile
    lease: Lease
    progress: Progress

    def is_about(self, version: int) -> bool:
        known = self._known()
        return known is not None and known.version == version

    def run(self, let_in: LetIn | None) -> Receipt:
        known = self._known()
        if known is not None and known.state in BOOKED_STATES and not known.without_effect:
            return self._compare(known)
        before = self._in_the_book(known)
        verdict, found = self._judge(before, known, confirmed=let_in is not None)
        receipt = self._opened(verdict, known, before, found)
        if verdict.state is not FileState.IMPORTING:
            return self._stop(receipt, verdict, known)
        if known is None or known.state is not FileState.IMPORTING:
            self.desk.receipts.set_aside(self.lease, receipt.version, verdict.quarantine)
            self.desk.receipts.save(self.lease, receipt, self.desk.until(), by=let_in.by if let_in else None)
        run = self._run(verdict, repeat=found is None or bool(found.booked))
        booked, done = run.book(receipt, self.progress)
        return self._end(booked, run, before, let_in) if done else booked

    def _known(self) -> Receipt | None:
        newest = self.lease.newest
        return newest if newest is not None and newest.sha256 == self.stored.sha256 else None

    def _in_the_book(self, known: Receipt | None) -> Receipt | None:
        """Give the newest other version whose rows are in the book, if only some: its object may be gone."""
        if self.lease.newest is None:
            return None
        versions = self.desk.receipts.versions(self.lease.file_day)
        others = (receipt for receipt in versions if known is None or receipt.version != known.version)
        return next((receipt for receipt in others if receipt.state in {*BOOKED_STATES, FileState.IMPORTING}), None)

    def _judge(
        self, before: Receipt | None, known: Receipt | None, *, confirmed: bool
    ) -> tuple[Verdict, Survey | None]:
        """Judge the whole file, then what the book holds of its rows, unless a run that died did so before."""
        limits, day = self.desk.limits, self.lease.file_day
        if known is not None and known.state is FileState.IMPORTING and known.rules < RULES:
            kept = self.desk.receipts.quarantine(known.file_day, known.version)
            return judged_in_part(self.stored.content, kept, known.rules), None
        if self.stored.size > limits.size:
            reason = f"the file has {self.stored.size} bytes, at most {limits.size} are read"
            return Verdict(FileState.REJECTED, reason=reason), None
        if self.desk.clock.now() < day_start(day):
            return Verdict(FileState.REJECTED, reason=f"{day} has not begun yet"), None
        limits = replace(limits, footers=limits.footers | self.desk.receipts.footers())
        verdict = judge(self.stored.content, limits, file_day=day, stored_at=self.stored.stored_at)
        if verdict.state is not FileState.IMPORTING or (known is not None and known.state is FileState.IMPORTING):
            return verdict, None
        found = survey(self.stored, verdict, day, self.desk)
        same_rows = known is not None and known.state in BOOKED_STATES and known.rows == verdict.rows
        hold = None if confirmed or same_rows else self._reason_to_hold(verdict, found, before)
        held = verdict if hold is None else replace(verdict, state=FileState.HELD, reason=hold)
        return held, found

    def _reason_to_hold(self, verdict: Verdict, found: Survey, before: Receipt | None) -> str | None:
        if before is not None and verdict.rows * 100 < before.rows * (100 - self.desk.limits.fewer_percent):
            return f"it has {verdict.rows} rows, version {before.version} had {before.rows}"
        own, others = verdict.own_rows, sum(rows for _, rows in verdict.other_days)
        if before is not None and before.has_mostly_own_rows and own < others:
            whose = f"executed on {self.lease.file_day}, unlike those of version {before.version}"
            return f"{_none_or_only(own, others)} {whose}"
        return reason_to_hold(found, verdict, self.lease.file_day, self.desk, first=before is None)

    def _opened(
        self, verdict: Verdict, known: Receipt | None, standing: Receipt | None, found: Survey | None
    ) -> Receipt:
        if known is not None and known.state is verdict.state is FileState.IMPORTING:
            return replace(known, object_version=self.stored.version)
        before = self.lease.newest.version if self.lease.newest else 0
        standing_version, standing_at = _stands(standing)
        return Receipt(
            file_day=self.lease.file_day,
            version=known.version if known else before + 1,
            state=verdict.state,
            key=self.stored.key,
            sha256=self.stored.sha256,
            object_version=self.stored.version,
            rows=verdict.rows,
            quarantined=len(verdict.quarantine),
            ignored_columns=verdict.ignored_columns,
            reason=verdict.reason,
            changed_before=standing.changed if standing else False,
            undecided_days=self.lease.newest.undecided_days if self.lease.newest else (),
            standing_version=standing_version,
            standing_at=standing_at,
            rules=RULES,
            own_rows=verdict.own_rows,
            other_rows=sum(rows for _, rows in verdict.other_days),
            early=self._is_early() if standing is None or _has_good_rows(verdict) else standing.early,
            warnings=self._warnings(verdict, found) if verdict.state is FileState.IMPORTING else (),
        )

    def _is_early(self) -> bool:
        """Check whether the object was stored before its day had ended, so that the day may have more trades."""
        return self.stored.stored_at < day_start(self.lease.file_day + timedelta(days=1))

    def _warnings(self, verdict: Verdict, found: Survey | None) -> tuple[str, ...]:
        new = new_columns(self.lease.file_day, verdict, self.desk.receipts)
        columns = (f"the header has new columns, which are not read: {', '.join(new)}",) if new else ()
        return (*columns, *(found.warnings if found else ()))

    def _run(self, verdict: Verdict, *, repeat: bool = True, finished: bool = False) -> Run:
        return Run(self.desk, self.lease, self.stored, verdict, finished, repeat)

    def _stop(self, receipt: Receipt, verdict: Verdict, known: Receipt | None) -> Receipt:
        """Note a version that is not booked, once."""
        if receipt != known:
            self.desk.receipts.set_aside(self.lease, receipt.version, verdict.quarantine)
            notices = outcome_notices(receipt, verdict.quarantine, self.desk.clock.now(), was_missed=False)
            self.desk.receipts.save(self.lease, receipt, self.desk.until(), notices)
        return receipt

    def _compare(self, known: Receipt) -> Receipt:
        """Put back what is no longer in the book of a version that was imported before.

        Returns its receipt with what became of its rows this time; what is stored still tells of the first time, but
        for the object that was read, and for a day that is no longer too early.
        """
        kept = self.desk.receipts.quarantine(known.file_day, known.version)
        verdict = judged_before(self.stored.content, kept, known.rules)
        blank = replace(known, booked=0, already_there=0, corrected=0, quarantined=len(kept), progress=0)
        compared, done = self._run(verdict, finished=True).book(blank, self.progress)
        changed = compared.corrected > 0
        stored = replace(known, changed_before=known.changed_before or changed)
        if done:  # else the next poll finds another object than the one that was read, and compares it again
            stored = replace(stored, object_version=self.stored.version, early=known.early and self._is_early())
        if stored != known or changed:
            notices = self._comparison_notices(known, stored, compared)
            self.desk.receipts.save(self.lease, stored, self.desk.until(), notices)
        return replace(
            compared,
            object_version=stored.object_version,
            changed_before=stored.changed_before,
            early=stored.early,
            warnings=self._with_stale(known),
        )

    def _with_stale(self, receipt: Receipt) -> tuple[str, ...]:
        stale = stale_warnings(receipt.file_day, receipt.version, self.desk.receipts)
        return tuple(dict.fromkeys([*receipt.warnings, *stale]))

    def _comparison_notices(self, known: Receipt, stored: Receipt, compared: Receipt) -> tuple[Notice, ...]:
        now = self.desk.clock.now()
        recovered = known.awaited and not stored.awaited and self._was_missed(None)
        notices = [recovered_notice(stored, now)] if recovered else []
        if compared.corrected:
            notices.append(restored_notice(stored, compared.corrected, now))
        return tuple(notices)

    def _end(self, booked: Receipt, run: Run, before: Receipt | None, let_in: LetIn | None) -> Receipt:
        now, verdict = self.desk.clock.now(), run.verdict
        clashing = run.quarantine_repeated_clashes(booked)
        ended = replace(
            booked,
            state=FileState.PROVISIONAL if booked.quarantined else FileState.IMPORTED,
            already_there=booked.already_there + len(verdict.repeated) - clashing,
            quarantined=booked.quarantined + clashing,
            reason="the file has no rows" if booked.rows == 0 else None,
            imported_at=format_utc(now),
        )
        if before is not None:
            ended = note_withdrawn(ended, before, self.stored, verdict, self.lease, self.desk)
        added = adds_trades(ended, before or self.lease.newest)
        ended = replace(ended, warnings=self._with_stale(ended), changed_before=ended.changed_before or added)
        rows = self.desk.receipts.quarantine(ended.file_day, ended.version)
        missed = ended.usable and self._was_missed(before)
        figures, accepted = changed_days(ended, self.desk), let_in is not None
        notices = outcome_notices(ended, rows, now, was_missed=missed, changed=figures, accepted=accepted, added=added)
        self.desk.receipts.save(self.lease, ended, self.desk.until(), notices)
        return ended

    def _was_missed(self, before: Receipt | None) -> bool:
        told = {notice.kind for notice in self.desk.outbox.of([self.lease.file_day])}
        return (Kind.LATE in told or (Kind.REJECTED in told and before is None)) and Kind.RECOVERED not in told


def _none_or_only(own: int, others: int) -> str:
    return f"none of its {others} rows was" if not own else f"only {own} of its {own + others} rows were"


def _stands(before: Receipt | None) -> tuple[int, str | None]:
    """Return the version whose rows are in the book, and since when: one without a good row left the one before it."""
    if before is None:
        return 0, None
    if before.books_something:
        return before.version, before.imported_at
    return before.standing_version, before.standing_at


def _has_good_rows(verdict: Verdict) -> bool:
    return verdict.state is FileState.IMPORTING and len(verdict.quarantine) < max(verdict.rows, 1)
