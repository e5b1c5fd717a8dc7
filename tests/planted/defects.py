"""The planted defects: what is changed where, and who must notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIMULATION: Final = "the simulation"


@dataclass(frozen=True, slots=True)
class Defect:
    """A bug: in `file`, `old` (found exactly once) becomes `new`; `caught_by` is the simulation or a test's id."""

    name: str
    file: str
    old: str
    new: str
    caught_by: str = SIMULATION


def _service(name: str, file: str, old: str, new: str) -> Defect:
    return Defect(name, f"chalicelib/services/{file}.py", old, new)


def _domain(name: str, file: str, old: str, new: str, caught_by: str = SIMULATION) -> Defect:
    return Defect(name, f"chalicelib/domain/{file}.py", old, new, caught_by)


def _adapter(name: str, file: str, old: str, new: str, caught_by: str) -> Defect:
    return Defect(name, f"chalicelib/adapters/{file}.py", old, new, caught_by)


DEFECTS: Final = (
    _service(
        "a version overtaken half way is never ended",
        "importing",
        "newest.state is FileState.IMPORTING and newest.object_version != version",
        "newest.state is FileState.HELD and newest.object_version != version",
    ),
    _service(
        "a run that is out of time calls its file done",
        "rows",
        "                    return receipt, False",
        "                    return receipt, True",
    ),
    _service(
        "a row is counted again after a kill", "rows", "if line > receipt.progress:", "if line >= receipt.progress:"
    ),
    _service(
        "what a window corrected is not kept",
        "rows",
        "        self.desk.receipts.note_changes(self.lease, receipt.version, line_of(window[0]), changes)\n",
        "",
    ),
    _service(
        "the receipt is saved before what it counts",
        "rows",
        "        self.desk.receipts.note_changes(self.lease, receipt.version, line_of(window[0]), changes)\n"
        "        self.desk.receipts.save(self.lease, receipt, self.desk.until())",
        "        self.desk.receipts.save(self.lease, receipt, self.desk.until())\n"
        "        self.desk.receipts.note_changes(self.lease, receipt.version, line_of(window[0]), changes)",
    ),
    _service(
        "a bad row is not counted",
        "importing",
        "quarantined=len(verdict.quarantine),",
        "quarantined=max(0, len(verdict.quarantine) - 1),",
    ),
    _service(
        "a repeated row is not counted",
        "importing",
        "already_there=booked.already_there + len(verdict.repeated),",
        "already_there=booked.already_there,",
    ),
    _service(
        "a file of exactly 80 per cent is held",
        "importing",
        "if verdict.rows * 100 < before.rows * (100 - limits.fewer_percent):",
        "if verdict.rows * 100 <= before.rows * (100 - limits.fewer_percent):",
    ),
    _service(
        "recovered is not told where an earlier version was in the book",
        "importing",
        "missed = (Kind.LATE in told or (Kind.REJECTED in told and before is None)) and Kind.RECOVERED not in told",
        "missed = bool(told & {Kind.LATE, Kind.REJECTED}) and before is None and Kind.RECOVERED not in told",
    ),
    _service(
        "an end is told apart from its receipt",
        "importing",
        "        self.desk.receipts.save(self.lease, ended, self.desk.until(), notices)\n        return ended",
        "        self.desk.receipts.save(self.lease, ended, self.desk.until())\n"
        "        self.desk.receipts.save(self.lease, ended, self.desk.until(), notices)\n        return ended",
    ),
    _service(
        "what was still to withdraw is forgotten",
        "withdrawing",
        "lacking = _carried(ids, before, desk)",
        "lacking = set()",
    ),
    _service(
        "a trade of a bad row counts as withdrawn",
        "withdrawing",
        "for trade_id in row_ids(stored.content, verdict)))",
        "for _, trade in good_rows(stored.content, verdict) for trade_id in [trade.id]))",
    ),
    _service(
        "a confirmation is noted and nothing withdrawn",
        "confirming",
        "        if change.kind is ChangeKind.WITHDRAWN:\n",
        "        if change.kind is ChangeKind.CORRECTED:\n",
    ),
    _service(
        "an older file is confirmed in place of the newest",
        "confirming",
        "if version is not None and (found is None or found.version != version):",
        "if version is not None and found is None:",
    ),
    _service(
        "the lease is kept by a run that is done",
        "desk",
        "            self.receipts.end(taken)",
        "            self.receipts.prolong(taken, self.until() + timedelta(days=9))",
    ),
    _service(
        "a notice is noted as sent before it is",
        "notifying",
        "            desk.notices.publish(notice.subject, notice.body)\n",
        "            desk.outbox.sent(notice, now)\n            desk.notices.publish(notice.subject, notice.body)\n",
    ),
    _service(
        "a notice is sent without a claim",
        "notifying",
        "or not desk.outbox.claim(notice, desk.owner, now, now + CLAIM):",
        "or (desk.outbox.claim(notice, desk.owner, now, now + CLAIM) and False):",
    ),
    _service(
        "a notice that could not be sent is given up",
        "notifying",
        "            unsent += 1\n",
        "            desk.outbox.sent(notice, now)\n            unsent += 1\n",
    ),
    _service("a look forgets days whose notices were not sent", "watching", "if file_day not in untold and (", "if ("),
    _service(
        "a file that is not whole is never late",
        "watching",
        "if day not in receipts or receipts[day].awaited]",
        "if day not in receipts]",
    ),
    _service(
        "an event is taken for done while its import is not",
        "importing",
        "UNENDED = frozenset({FileState.IMPORTING, FileState.WAITING})",
        "UNENDED = frozenset({FileState.WAITING})",
    ),
    _service(
        "a post with other terms is taken for the same",
        "booking",
        "    if standing.says(trade):",
        "    if standing.trade.id == trade.id:",
    ),
    _service("anybody books for anybody", "booking", "    caller.require_booking(trade.trader_id)\n", ""),
    _service(
        "the file of an earlier day takes the last word",
        "booking",
        " and not standing.outlasts(source):",
        ":",
    ),
    _service(
        "a posted trade forgets that a file says the same",
        "rows",
        "        if not self.finished:\n            trades",
        "        if self.finished:\n            trades",
    ),
    _service(
        "a history shows words about other traders",
        "reading",
        "[word for word in words if caller.may_read(word.trade.trader_id)]",
        "[word for word in words if word.number]",
    ),
    _service(
        "a foreign trade is shown to whoever knows its id",
        "reading",
        "if revision is None or not caller.may_read(revision.trade.trader_id):",
        "if revision is None:",
    ),
    _service(
        "a user who was shut out comes in",
        "access",
        "known = None if user is None or user.disabled else user",
        "known = user",
    ),
    _service(
        "any password opens",
        "access",
        "if known is None or not right:",
        "if known is None:",
    ),
    _domain("late from 09:00", "watch", "DEADLINE: Final = time(8)", "DEADLINE: Final = time(9)"),
    _domain(
        "late a minute after 08:00", "watch", "return now >= late_from(file_day)", "return now > late_from(file_day)"
    ),
    _domain("late by the clock of UTC", "watch", "DEADLINE, BERLIN).astimezone(UTC)", "DEADLINE, UTC)"),
    _domain("a look goes back two days only", "watch", "DAYS_BACK: Final = 7", "DAYS_BACK: Final = 2"),
    _domain("the hour that occurs twice is one", "delivery", "earlier.minutes + HOUR) if earlier", "HOUR) if earlier"),
    _domain(
        "the hour after the clocks change is lost",
        "delivery",
        "    while start < end:",
        "    while start < end and len(rows) < 23:",
    ),
    _domain(
        "rounded to even",
        "amounts",
        "    digits = (2 * scaled + denominator) // (2 * denominator)\n",
        "    digits, left = divmod(scaled, denominator)\n"
        "    digits += 2 * left > denominator or (2 * left == denominator and digits % 2)\n",
    ),
    _domain(
        "minus zero is shown",
        "amounts",
        '"-" if numerator < 0 and digits else ""',
        '"-" if numerator < 0 else ""',
        "tests/domain/test_amounts.py",
    ),
    _domain(
        "a withdrawn trade still counts",
        "revision",
        "NO_CHANGE if self.withdrawn else trade_change(self.trade)",
        "trade_change(self.trade)",
    ),
    _domain(
        "what is sold earns nothing where something was bought",
        "position",
        "return self.sell_cash - self.buy_cash",
        "return self.sell_cash - self.buy_cash if not self.buy_cash else -self.buy_cash",
    ),
    _domain(
        "a trader sees the desk",
        "caller",
        "_READS_ALL = frozenset({Role.DESK,",
        "_READS_ALL = frozenset({Role.TRADER, Role.DESK,",
    ),
    _domain(
        "traders are told apart without their case",
        "caller",
        "Role.TRADER and self.trader_id == trader_id)\n\n    def may_book",
        "Role.TRADER and str(self.trader_id).lower() == trader_id.lower())\n\n    def may_book",
    ),
    _domain(
        "the file of the day before is not needed",
        "completeness",
        "return (delivery_day - timedelta(days=1), delivery_day)",
        "return (delivery_day, delivery_day)",
    ),
    _domain(
        "an unconfirmed withdrawal is settled",
        "receipt",
        "not self.quarantined and not undecided",
        "not self.quarantined",
    ),
    _domain(
        "a day with corrections says complete",
        "receipt",
        "return bool(self.corrected) or self.confirmed_at is not None or self.changed_before",
        "return self.confirmed_at is not None",
        "tests/domain/test_completeness.py",
    ),
    _domain(
        "the mark of a day is not looked at",
        "completeness",
        "changed=bool(mark.changed_at or mark.added_at) or any(",
        "changed=any(",
        "tests/domain/test_completeness.py",
    ),
    Defect(
        "the states are read before the numbers only",
        "chalicelib/services/reporting.py",
        "    after = _states(days, shelf)\n    for _",
        "    after = before\n    for _",
        "tests/services/test_consistent_reading.py",
    ),
    Defect(
        "the states are read after the numbers only",
        "chalicelib/services/reporting.py",
        "    after = _states(days, shelf)\n    for _",
        "    before = after = _states(days, shelf)\n    for _",
        "tests/services/test_consistent_reading.py",
    ),
    Defect(
        "a run that began and ended between the states goes unnoticed",
        "chalicelib/services/reporting.py",
        "return states.marks.get(day, UNMARKED), *",
        "return states.marks.get(day, UNMARKED).running, *",
        "tests/services/test_consistent_reading.py",
    ),
    _adapter(
        "a correction does not mark its day",
        "book_tables",
        "for day in sorted(days) if day not in lease.marked]",
        "for day in sorted(days) if day in lease.marked]",
        "tests/adapters/test_marks.py",
    ),
    _adapter(
        "the marks of a run outlive it",
        "receipts",
        "if item.marked_days and item.state",
        "if not item.marked_days and item.state",
        "tests/adapters/test_marks.py",
    ),
    _domain(
        "a row that is cut off is quarantined",
        "verdict",
        "if row.cut and (row.trade is None",
        "if row.cut and row.trade is not None and (row.trade is None",
    ),
    _domain(
        "the last of rows that contradict each other wins",
        "verdict",
        "bad.update((row.line, (problem,)) for row in found)",
        "bad.update((row.line, (problem,)) for row in found[:-1])",
    ),
    _domain(
        "a quote swallows its line end",
        "daily_file",
        "if '\"' in text and not _RECORD.fullmatch(text):",
        "if '\"' in text and not text:",
        "tests/domain/test_daily_file.py",
    ),
    _adapter(
        "a trade is booked over one that stands",
        "trade_actions",
        'return {**_put(current_item(revision)), "ConditionExpression": _ABSENT, **_SAY_WHAT_STANDS}',
        "return _put(current_item(revision))",
        "tests/adapters/test_book.py",
    ),
    _adapter(
        "a correction is added again on a retry",
        "trade_actions",
        '"ConditionExpression": f"#number = :number AND {matched}",\n'
        '        "ExpressionAttributeNames": _NUMBER,\n'
        '        "ExpressionAttributeValues": values,\n'
        "        **_SAY_WHAT_STANDS,\n"
        "    }\n\n\n"
        "def put_aside(old: Revision) -> dict[str, Any]:\n"
        '    """Keep a word that no longer counts, once."""\n'
        '    return {**_put(old_item(old)), "ConditionExpression": _ABSENT}',
        "}\n\n\ndef put_aside(old: Revision) -> dict[str, Any]:\n    return _put(old_item(old))",
        "tests/adapters/test_book.py tests/adapters/test_book_faults.py",
    ),
    _adapter(
        "a correction does not see that a file says the same",
        "trade_actions",
        'f"#number = :number AND {matched}"',
        'f"#number = :number{matched[:0]}"',
        "tests/adapters/test_book.py",
    ),
    _adapter(
        "of a purchase and a sale in one position the last counts",
        "book_tables",
        "changes[key] = changes.get(key, NO_CHANGE) + (change if sign > 0 else -change)",
        "changes[key] = change if sign > 0 else -change",
        "tests/adapters/test_book.py",
    ),
    _adapter(
        "another trader's position is read by its prefix",
        "book_tables",
        "[position for position in found if trader_id is None or position.key.trader_id == trader_id]",
        "list(found)",
        "tests/adapters/test_book.py",
    ),
    _adapter(
        "a lease without a fence",
        "leases",
        "return FileItem.fence == lease.fence",
        "return FileItem.fence.exists()",
        "tests/adapters/test_receipts.py",
    ),
    _adapter(
        "a lease that is taken while another has it",
        "receipts",
        "FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now)) | (FileItem.owner == owner)",
        "FileItem.expires.does_not_exist() | FileItem.expires.exists()",
        "tests/adapters/test_receipts.py",
    ),
    _adapter(
        "the outbox outside the transaction",
        "receipts",
        "                for notice in notices:\n                    _add_once(transaction, notice)\n",
        "                for notice in notices:\n"
        "                    with TransactWrite(connection=connection()) as apart:\n"
        "                        _add_once(apart, notice)\n",
        "tests/adapters/test_outbox.py",
    ),
    _adapter(
        "a notice that was sent is written anew",
        "receipts",
        "NoticeItem.subject.set(NoticeItem.subject | item.subject),",
        "NoticeItem.subject.set(item.subject), NoticeItem.sent_at.remove(),",
        "tests/adapters",
    ),
    _adapter(
        "a claim that nobody respects", "sending", "unsent & (free | ours))", "unsent)", "tests/adapters/test_outbox.py"
    ),
    _adapter(
        "a dropped retry",
        "failures",
        "ATTEMPTS: Final = 10",
        "ATTEMPTS: Final = 1",
        "tests/adapters/test_book_faults.py",
    ),
    _adapter(
        "a throttle that is no contention",
        "failures",
        '_BUSY_REASONS: Final = frozenset({"TransactionConflict", "ThrottlingError",',
        '_BUSY_REASONS: Final = frozenset({"ThrottlingError",',
        "tests/adapters/test_book_faults.py",
    ),
    Defect(
        "a cursor not bound to its query",
        "chalicelib/api/cursor.py",
        "json.dumps([caller.name, which.trader_id, day, mark])",
        "json.dumps([caller.name, mark])",
        "tests/api/test_trade_list.py",
    ),
    Defect(
        "two runs of one name",
        "chalicelib/wiring.py",
        'f"{owner} {uuid4().hex}",\n        time_left=time_left,',
        "owner,\n        time_left=time_left,",
        "tests/functions/test_functions.py",
    ),
    Defect(
        "a trader may read the daily files",
        "chalicelib/api/auth.py",
        "Role.TRADER: (*_READ, *_BOOK),",
        "Role.TRADER: (*_READ, *_BOOK, *_FILES),",
        "tests/api/test_auth.py",
    ),
)
