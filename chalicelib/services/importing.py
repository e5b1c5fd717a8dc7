"""Importing a daily file: judged whole, booked in transactions, every row accounted for in its receipt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.daily_file import file_name
from chalicelib.domain.errors import InvalidRequest, NotFound
from chalicelib.domain.execution_time import format_utc
from chalicelib.domain.notice import Kind, outcome_notices
from chalicelib.domain.receipt import BOOKED_STATES, RULES, FileState, Receipt
from chalicelib.domain.verdict import Verdict, judge, judged_before
from chalicelib.ports import Lease, Receipts, StoredFile
from chalicelib.services.desk import Desk
from chalicelib.services.notifying import send_unsent
from chalicelib.services.rows import Progress, Run
from chalicelib.services.withdrawing import note_withdrawn

UNENDED = frozenset({FileState.IMPORTING, FileState.WAITING})


@dataclass(frozen=True, slots=True)
class LetIn:
    """A version that was held, and who said that it may be imported."""

    version: int
    by: str


def silent(_done: int, _rows: int) -> None:
    """Tell nobody."""


def import_daily_file(
    file_day: date, desk: Desk, progress: Progress = silent, *, let_in: LetIn | None = None
) -> Receipt:
    """Import the newest version of a day's file, tell what there is to tell, and give its receipt.

    Whatever made us look, only the newest version counts, and which that is is read under the lease. A version that an
    earlier run left half done is ended first, so that the next one knows what it follows. Content that was imported
    before is compared with the book again and changes nothing: its receipt then counts its rows as already there.
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
    send_unsent([file_day], desk)
    return receipt


def overtaken(version: int, file_day: date) -> InvalidRequest:
    """The refusal to act on a version that is the newest no more."""
    return InvalidRequest(f"version {version} of the file of {file_day} is not the newest any more; look at it again")


def already_imported(file_day: date, object_version: str, receipts: Receipts) -> bool:
    """Tell whether this very version of the object came to its end before, so that a look need not read it."""
    receipt = receipts.newest([file_day]).get(file_day)
    return receipt is not None and receipt.state not in UNENDED and receipt.object_version == object_version


def _import_newest(lease: Lease, desk: Desk, progress: Progress, let_in: LetIn | None) -> Receipt:
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


def _end_unfinished(unfinished: Receipt, lease: Lease, desk: Desk, progress: Progress) -> Receipt | None:
    """End a version that a newer one has overtaken; None where its object is gone."""
    try:
        with desk.store.fetch(unfinished.key, unfinished.object_version) as stored:
            return _Import(desk, stored, lease, progress).run(None)
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class _Import:
    """One run under a lease."""

    desk: Desk
    stored: StoredFile
    lease: Lease
    progress: Progress

    def is_about(self, version: int) -> bool:
        """Tell whether this is the content that the newest receipt, of this number, is about."""
        known = self._known()
        return known is not None and known.version == version

    def run(self, let_in: LetIn | None) -> Receipt:
        known = self._known()
        if known is not None and known.state in BOOKED_STATES:
            return self._compare(known)
        before = self._in_the_book(known)
        verdict = self._judge(before, known, confirmed=let_in is not None)
        receipt = self._opened(verdict, known, before)
        if verdict.state is not FileState.IMPORTING:
            return self._stop(receipt, verdict, known)
        if known is None or known.state is not FileState.IMPORTING:
            self.desk.receipts.set_aside(self.lease, receipt.version, verdict.quarantine)
            self.desk.receipts.save(self.lease, receipt, self.desk.until(), by=let_in.by if let_in else None)
        booked, done = self._run(verdict, finished=False).book(receipt, self.progress)
        return self._end(booked, verdict, before) if done else booked

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

    def _judge(self, before: Receipt | None, known: Receipt | None, *, confirmed: bool) -> Verdict:
        limits = self.desk.limits
        if self.stored.size > limits.size:
            reason = f"the file has {self.stored.size} bytes, at most {limits.size} are read"
            return Verdict(FileState.REJECTED, reason=reason)
        verdict = judge(self.stored.content, limits)
        under_way = known is not None and known.state is FileState.IMPORTING
        if verdict.state is not FileState.IMPORTING or before is None or confirmed or under_way:
            return verdict
        if verdict.rows * 100 < before.rows * (100 - limits.fewer_percent):
            reason = f"it has {verdict.rows} rows, version {before.version} had {before.rows}"
            return replace(verdict, state=FileState.HELD, reason=reason)
        return verdict

    def _opened(self, verdict: Verdict, known: Receipt | None, standing: Receipt | None) -> Receipt:
        if known is not None and known.state is verdict.state is FileState.IMPORTING:
            return replace(known, object_version=self.stored.version)
        before = self.lease.newest.version if self.lease.newest else 0
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
            standing_version=standing.version if standing else 0,
            standing_at=standing.imported_at if standing else None,
            rules=RULES,
        )

    def _run(self, verdict: Verdict, *, finished: bool) -> Run:
        return Run(self.desk, self.lease, self.stored, verdict, finished, repeat=self.lease.newest is not None)

    def _stop(self, receipt: Receipt, verdict: Verdict, known: Receipt | None) -> Receipt:
        """Note a version that is not booked, once."""
        if receipt != known:
            self.desk.receipts.set_aside(self.lease, receipt.version, verdict.quarantine)
            notices = outcome_notices(receipt, verdict.quarantine, self.desk.clock.now(), was_missed=False)
            self.desk.receipts.save(self.lease, receipt, self.desk.until(), notices)
        return receipt

    def _compare(self, known: Receipt) -> Receipt:
        """Go through a version that is in the book already: what it says is there, is there."""
        quarantine = self.desk.receipts.quarantine(known.file_day, known.version)
        verdict = judged_before(self.stored.content, quarantine, known.rules)
        blank = replace(known, booked=0, already_there=0, corrected=0, progress=0)
        compared, _ = self._run(verdict, finished=True).book(blank, self.progress)
        if known.object_version != self.stored.version:
            self.desk.receipts.save(self.lease, replace(known, object_version=self.stored.version), self.desk.until())
        return replace(compared, object_version=self.stored.version)

    def _end(self, booked: Receipt, verdict: Verdict, before: Receipt | None) -> Receipt:
        now = self.desk.clock.now()
        ended = replace(
            booked,
            state=FileState.PROVISIONAL if verdict.quarantine else FileState.IMPORTED,
            already_there=booked.already_there + len(verdict.repeated),
            reason="the file has no rows" if booked.rows == 0 else None,
            imported_at=format_utc(now),
        )
        if before is not None:
            ended = note_withdrawn(ended, before, self.stored, verdict, self.lease, self.desk)
        told = {notice.kind for notice in self.desk.outbox.of([ended.file_day])}
        missed = (Kind.LATE in told or (Kind.REJECTED in told and before is None)) and Kind.RECOVERED not in told
        notices = outcome_notices(ended, verdict.quarantine, now, was_missed=missed)
        self.desk.receipts.save(self.lease, ended, self.desk.until(), notices)
        return ended
