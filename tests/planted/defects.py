"""The planted defects: what is changed where, and who must notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIMULATION: Final = "the simulation"
_WATCHING: Final = "tests/services/test_watching.py"


@dataclass(frozen=True, slots=True)
class Defect:
    """A bug: in `file`, `old` (found exactly once) becomes `new`; `caught_by` is the simulation or a test's id."""

    name: str
    file: str
    old: str
    new: str
    caught_by: str = SIMULATION


def _service(name: str, file: str, old: str, new: str, caught_by: str = SIMULATION) -> Defect:
    return Defect(name, f"chalicelib/services/{file}.py", old, new, caught_by)


def _domain(name: str, file: str, old: str, new: str, caught_by: str = SIMULATION) -> Defect:
    return Defect(name, f"chalicelib/domain/{file}.py", old, new, caught_by)


def _verified(name: str, file: str, old: str, new: str) -> Defect:
    return Defect(name, f"chalicelib/services/{file}.py", old, new, "tests/services/test_verifying.py")


def _own_day(name: str, file: str, old: str, new: str) -> Defect:
    return Defect(name, f"chalicelib/services/{file}.py", old, new, "tests/services/test_any_history.py")


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
        "        receipts.note_changes(self.lease, version, first, changes)\n        receipts.note_clashes(",
        "        receipts.note_clashes(",
    ),
    _service(
        "the receipt is saved before what it counts",
        "rows",
        "        receipts.note_changes(self.lease, version, first, changes)\n        receipts.note_clashes(",
        "        receipts.save(self.lease, receipt, self.desk.until())\n"
        "        receipts.note_changes(self.lease, version, first, changes)\n        receipts.note_clashes(",
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
        "already_there=booked.already_there + len(verdict.repeated) - clashing,",
        "already_there=booked.already_there - clashing,",
    ),
    _service(
        "a file of exactly 80 per cent is held",
        "importing",
        "verdict.rows * 100 < before.rows * (100 - self.desk.limits.fewer_percent):",
        "verdict.rows * 100 <= before.rows * (100 - self.desk.limits.fewer_percent):",
    ),
    _service(
        "recovered is not told where an earlier version was in the book",
        "importing",
        "return (Kind.LATE in told or (Kind.REJECTED in told and before is None)) and Kind.RECOVERED not in told",
        "return bool(told & {Kind.LATE, Kind.REJECTED}) and before is None and Kind.RECOVERED not in told",
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
        "for trade_id in row_ids(stored.content, verdict) if not verdict.quarantine))",
    ),
    _own_day(
        "a withdrawal takes what another newest file holds",
        "withdrawing",
        "        kept |= held\n",
        "        kept |= set()\n",
    ),
    _own_day(
        "a copy of another day's file makes the day complete",
        "surveying",
        "if found.rows and not verdict.own_rows and found.elsewhere == found.rows:",
        "if found.rows and not verdict.own_rows and found.elsewhere > found.rows:",
    ),
    _own_day(
        "the same bytes again put nothing back",
        "importing",
        "            return self._compare(known)\n",
        "            return known\n",
    ),
    _service(
        "what another file dropped is not looked at again",
        "rechecking",
        "receipt.compared_with != newest_files_near(receipt.file_day, desk.receipts):",
        "receipt.compared_with is None:",
        "tests/services/test_rechecking.py",
    ),
    _service(
        "what stays for another file's sake is forgotten by the next version",
        "withdrawing",
        "MISSED: Final = frozenset({ChangeKind.KEPT, ChangeKind.WITHDRAWN})",
        "MISSED: Final = frozenset({ChangeKind.WITHDRAWN})",
        "tests/services/test_rechecking.py",
    ),
    _service(
        "an accepted file of reused ids is held again",
        "importing",
        "hold = None if confirmed or same_rows else",
        "hold = None if confirmed else",
        "tests/services/test_own_day.py",
    ),
    _service(
        "any file may withdraw what it held",
        "withdrawing",
        "if standing.withdrawn or file_day not in {standing.executed_on, standing.source_day}:",
        "if standing.withdrawn:",
        "tests/services/test_own_day.py",
    ),
    _service(
        "a row takes the id of another execution",
        "booking",
        "        if standing.uses_id_of(row.trade, source.file_day):\n",
        "        if not standing.number:\n",
    ),
    _service(
        "a repeated row of an id in use counts as there",
        "importing",
        "        clashing = run.quarantine_repeated_clashes(booked)\n",
        "        clashing = 0\n",
    ),
    _service(
        "a confirmation is noted and nothing withdrawn",
        "confirming",
        "missed_trades(newest, desk, {ChangeKind.WITHDRAWN})",
        "missed_trades(newest, desk, {ChangeKind.CORRECTED})",
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
        "            sender.notices.publish(notice.subject, notice.body)\n",
        "            sender.outbox.sent(notice, now)\n"
        "            sender.notices.publish(notice.subject, notice.body)\n",
    ),
    _service(
        "a notice is sent without a claim",
        "notifying",
        "or not sender.outbox.claim(notice, sender.owner, now, now + CLAIM):",
        "or (sender.outbox.claim(notice, sender.owner, now, now + CLAIM) and False):",
    ),
    _service(
        "a notice that could not be sent is given up",
        "notifying",
        "            unsent += 1\n",
        "            sender.outbox.sent(notice, now)\n            unsent += 1\n",
    ),
    _service("a look forgets days whose notices were not sent", "watching", "if file_day not in untold and (", "if ("),
    _service(
        "a file that polls leave unimported is never late",
        "lateness",
        "return Late(unfinished=True) if found.was_left(day) else None",
        "return None",
        _WATCHING,
    ),
    _service(
        "what is late is sent after the imports only",
        "watching",
        "send_unsent({*found.opened, *found.late}, desk)",
        "send_unsent((), desk)",
        _WATCHING,
    ),
    _service(
        "the days to import are in the same order at every poll",
        "watching",
        "return day != found.days[-1] or left, tried, day",
        "return day != found.days[-1], _LONG_AGO, day",
        _WATCHING,
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
        "        if not standing.is_led_by(source.file_day):\n",
        "        if not standing.is_led_by(source.file_day) and not standing.number:\n",
    ),
    _own_day(
        "a trade forgets which files hold it",
        "booking",
        "    if standing.withdrawn or standing.uses_id_of(row, file_day):\n        return None\n    same",
        "    if standing.number:\n        return None\n    same",
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
        "    cents = (2 * abs(numerator) + denominator) // (2 * denominator)\n",
        "    cents, left = divmod(abs(numerator), denominator)\n"
        "    cents += 2 * left > denominator or (2 * left == denominator and cents % 2)\n",
    ),
    _domain(
        "minus zero is shown",
        "amounts",
        '"-" if numerator < 0 and cents else ""',
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
        "tally",
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
        "self.stands_for_its_day and not undecided",
        "self.stands_for_its_day",
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
        "row.cut and (row.trade is None",
        "row.cut and row.trade is not None and (row.trade is None",
    ),
    _domain(
        "the last of rows that contradict each other wins",
        "verdict",
        "for line, day in one.rows():",
        "for line, day in list(one.rows())[:-1]:",
    ),
    _domain(
        "a quote swallows its line end",
        "csv_records",
        "if '\"' in text and not (_SPACED_RECORD if spaced else _RECORD).fullmatch(text):",
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
        "    return {**_put(current_item(new)), **_if_current(old)}\n\n\n"
        "def put_aside(old: Revision) -> dict[str, Any]:\n"
        '    """Keep a word that no longer counts, once."""\n'
        '    return {**_put(old_item(old)), "ConditionExpression": _ABSENT}',
        "    return _put(current_item(new))\n\n\n"
        "def put_aside(old: Revision) -> dict[str, Any]:\n    return _put(old_item(old))",
        "tests/adapters/test_book.py tests/adapters/test_book_faults.py",
    ),
    _adapter(
        "a correction does not see that a file says the same",
        "trade_actions",
        'conditions.append(f"{name} = :{name}" if value else f"attribute_not_exists({name})")',
        'conditions.append(f"{name} = :{name}" if value else "#number = :number")',
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
        "positions",
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
    _domain(
        "a decomposed name is another trader",
        "names",
        "    if not _is_composed(name):",
        "    if not name:",
        "tests/domain/test_names.py",
    ),
    _domain(
        "a name may hold what cannot be seen",
        "names",
        "unseen = None if name.isascii() else _UNSEEN.search(name)",
        "unseen = None",
        "tests/domain/test_names.py",
    ),
    _domain(
        "a name that was booked before is refused in its own file",
        "verdict",
        "header = replace(header, stored=True,",
        "header = replace(header, stored=False,",
        "tests/services/test_versions.py",
    ),
    _domain(
        "a time that was rounded is another",
        "execution_time",
        "return -step < ahead and 2 * ahead <= step",
        "return -step < ahead <= 0",
        "tests/domain/test_execution_time.py",
    ),
    _domain(
        "two times of a whole step apart agree",
        "execution_time",
        "return -step < ahead",
        "return -step <= ahead",
        "tests/domain/test_execution_time.py",
    ),
    _domain(
        "an execution of the future is no warning",
        "trade_warnings",
        "if trade.executed_at > now + CLOCKS_APART:",
        "if trade.executed_at > now + 1000 * CLOCKS_APART:",
        "tests/domain/test_trade_warnings.py",
    ),
    _domain(
        "a formula behind a semicolon is run",
        "csv_text",
        '(^ *|[,;|][ "]*)',
        '(^ *|[,|][ "]*)',
        "tests/domain/test_csv_text.py",
    ),
    Defect(
        "a login in Latin-1 is no login",
        "chalicelib/services/access.py",
        'credentials.decode("latin-1")',
        'credentials.decode("utf-8", "replace")',
        "tests/services/test_access.py",
    ),
    Defect(
        "a body of no type is taken for JSON",
        "chalicelib/api/http.py",
        'elif request.method == "POST" and "content-type" not in request.headers:',
        'elif request.method == "PUT":',
        "tests/api/test_hostile.py",
    ),
    Defect(
        "the link names no host",
        "chalicelib/api/http.py",
        """return f"{scheme}://{host}{quote(request.context['path'])}\"""",
        'return quote(request.context["path"])',
        "tests/api/test_trade_list.py",
    ),
    _verified(
        "verify skips the rows of a provisional file",
        "verifying",
        "elif receipt.state in BOOKED_STATES:",
        'elif receipt.state.value == "imported":',
    ),
    _verified(
        "verify skips the rows of older versions",
        "verifying",
        "elif receipt.state in BOOKED_STATES:",
        "elif receipt.state in BOOKED_STATES and newest:",
    ),
    _verified(
        "verify skips the rows under a version that is not booked",
        "verifying",
        "FileProof(receipt, receipt is booked,",
        "FileProof(receipt, receipt is versions[0],",
    ),
    _verified(
        "verify skips the last row of a batch",
        "file_proof",
        "            for line, trade in batch:\n                compared += 1\n",
        "            compared += len(batch)\n            for line, trade in batch[: max(1, READ_AT_ONCE - 1)]:\n",
    ),
    _verified(
        "verify passes a withdrawn trade that a newest file has",
        "file_proof",
        "if self.newest and current.withdrawn:",
        "if self.newest and current.withdrawn and not agrees:",
    ),
    _verified(
        "verify passes terms that an earlier day's file states",
        "file_proof",
        "max(others, default=date.min) > file_day",
        "max(others, default=file_day) != file_day",
    ),
    _verified(
        "verify lets a later day's file overrule that of the day of execution",
        "file_proof",
        "self.receipt.rules >= OWN_DAY_LEADS and",
        "self.receipt.rules > OWN_DAY_LEADS and",
    ),
    _verified(
        "verify passes a row that no revision ever stated",
        "file_proof",
        "if agrees or self._was_stated(trade, current):",
        "if agrees or self._was_stated(trade, current) or current.number > 1:",
    ),
    _verified(
        "verify judges a stored file by the rules of now",
        "file_proof",
        "        quarantine = self.receipts.quarantine(self.receipt.file_day, self.receipt.version)\n",
        "        quarantine = ()\n",
    ),
    Defect(
        "an address that a client states is believed",
        "chalicelib/api/auth.py",
        'event.get("requestContext", {}).get("identity", {}).get("sourceIp")',
        'headers.get("x-forwarded-for") or event.get("requestContext", {}).get("identity", {}).get("sourceIp")',
        "tests/api/test_auth.py",
    ),
    Defect(
        "the local gateway believes the address in a header",
        "infra/local/gateway.py",
        'environ.get("REMOTE_ADDR", "")',
        'environ.get("HTTP_X_FORWARDED_FOR") or environ.get("REMOTE_ADDR", "")',
        "tests/api/test_auth.py",
    ),
    Defect(
        "the server takes every client for a proxy",
        "infra/local/server.py",
        "        ident=None,",
        '        ident=None,\n        trusted_proxy="*",\n        trusted_proxy_headers={"x-forwarded-for"},',
        "tests/infra/test_server.py",
    ),
    Defect(
        "a verdict is kept for the login alone",
        "infra/local/gateway.py",
        "self._cached_policy = lru_cache(maxsize=_CACHED_POLICIES)(self._policy)",
        "kept: dict[tuple[str, int], dict[str, Any]] = {}\n"
        "        self._cached_policy = lambda token, source, window: (\n"
        "            kept.get((token, window)) or kept.setdefault((token, window), self._policy(token, source, 0))\n"
        "        )",
        "tests/api/test_auth.py",
    ),
    Defect(
        "the deployed gateway keeps a verdict for the login alone",
        "infra/resources.yaml",
        "method.request.header.Authorization, context.identity.sourceIp",
        "method.request.header.Authorization",
        "tests/infra/test_template.py",
    ),
    _domain(
        "a day that is not over hides a missing one",
        "completeness",
        "(State.MISSING, State.OPEN,",
        "(State.OPEN, State.MISSING,",
        "tests/domain/test_completeness.py",
    ),
    Defect(
        "an import of a book is silent about what stands otherwise",
        "chalicelib/services/moving.py",
        "            if others:\n",
        "            if others and others[0] in part[:0]:\n",
        "tests/services/test_moving.py",
    ),
    _adapter(
        "an item that stands otherwise is taken for the same",
        "whole_tables",
        "if old is not None and _in_order(old) != item]",
        "if old is not None and old.keys() != item.keys()]",
        "tests/adapters/test_whole_tables.py",
    ),
    _adapter(
        "a position is mended if only its count is as it was read",
        "ledger",
        "                as_read &= one\n",
        "                as_read &= first\n",
        "tests/adapters/test_ledger.py",
    ),
    Defect(
        "a mail overtakes an earlier one that another run is sending",
        "chalicelib/services/mailing.py",
        "now + CLAIM):\n                break",
        "now + CLAIM):\n                continue",
        "tests/services/test_mailing.py",
    ),
    Defect(
        "a mail overtakes an earlier one that could not be sent",
        "chalicelib/services/mailing.py",
        "unsent.append((letter, str(error)))\n                break",
        "unsent.append((letter, str(error)))\n                continue",
        "tests/services/test_mailing.py",
    ),
    Defect(
        "16 digits are a number in a workbook",
        "cli/output/xlsx.py",
        "_EXACT_DIGITS: Final = 15",
        "_EXACT_DIGITS: Final = 16",
        "tests/cli/output/test_xlsx.py",
    ),
    _adapter(
        "only the first 1 000 quarantined rows are kept",
        "receipt_rows",
        "for first in range(0, len(rows), ROWS_PER_ITEM):",
        "for first in range(0, min(len(rows), 1_000), ROWS_PER_ITEM):",
        "tests/adapters/test_receipts.py",
    ),
    _adapter(
        "only the first 1 000 quarantined rows are read",
        "receipt_rows",
        "rows = [row for item in held for row in _quarantine_rows(item.quarantine)]",
        "rows = [row for item in held for row in _quarantine_rows(item.quarantine)][:1_000]",
        "tests/adapters/test_receipts.py",
    ),
    _adapter(
        "a login is read as it was some time ago",
        "directory",
        "UserItem.get(name, consistent_read=True)",
        "UserItem.get(name)",
        "tests/adapters/test_directory.py",
    ),
    _adapter(
        "a position is read as it was some time ago",
        "positions",
        '        "ConsistentRead": True,\n',
        "",
        "tests/adapters/test_book.py",
    ),
    Defect(
        "the gateway's policy allows everything to everybody",
        "chalicelib/api/auth.py",
        "return [AuthRoute(path, [method]) for path, method in ROUTES[role]]",
        'return ["*"]',
        "tests/api/test_roles.py",
    ),
    _domain(
        "the service shows the daily files to every role",
        "caller",
        "        if self.role not in _READS_ALL:\n",
        "        if self.role not in _READS_ALL and self.trader_id is None:\n",
        "tests/api/test_roles.py",
    ),
    Defect(
        "a withdrawn foreign id reads otherwise than a free one",
        "chalicelib/services/reading.py",
        "    word = _readable(book.find(trade_id), trade_id, caller)\n",
        "    found = book.find(trade_id)\n"
        "    word = found if found is not None and found.withdrawn else _readable(found, trade_id, caller)\n",
        "tests/api/test_roles.py",
    ),
    Defect(
        "an answer tells the seal that signs cursors",
        "chalicelib/api/me.py",
        '{"name": caller.name,',
        '{"seal": caller.seal, "name": caller.name,',
        "tests/api/test_trade_list.py",
    ),
    _adapter(
        "the audit holds the hash of a new password",
        "directory",
        "self._entry(by, Act.PASSWORD_SET, name, {}, {})",
        'self._entry(by, Act.PASSWORD_SET, name, {}, {"hash": password_hash})',
        "tests/adapters/test_audit.py",
    ),
    _adapter(
        "of two who disable a login at once both did it",
        "directory",
        "as_read = UserItem.disabled == found.disabled",
        "as_read = UserItem.name.exists()",
        "tests/adapters/test_audit.py",
    ),
    _adapter(
        "a lease runs out up to a second early",
        "leases",
        "return int(moment.timestamp() * 1000)",
        "return int(moment.timestamp()) * 1000",
        "tests/adapters/test_receipts.py",
    ),
    Defect(
        "the command follows a redirection",
        "cli/client/http_client.py",
        "allow_redirects=False",
        "allow_redirects=True",
        "tests/cli/client/test_http_client.py",
    ),
    Defect(
        "a kept report is taken for one of other days",
        "cli/client/http_client.py",
        'name = f"{path} {query}"',
        "name = f\"{path} {query.get('trader_id')}\"",
        "tests/cli/client/test_http_client.py",
    ),
    _adapter(
        "only the first page of a day's positions is read",
        "batches",
        '        if "LastEvaluatedKey" not in answer:\n            return\n',
        "        return\n",
        "tests/adapters/test_pages.py",
    ),
    _adapter(
        "only the first page of trades is read",
        "answers",
        '        yield from page["Items"]\n',
        '        yield from page["Items"]\n        return\n',
        "tests/adapters/test_pages.py",
    ),
    Defect(
        "a confirmation counts for a version that came after the question",
        "cli/client/operations.py",
        "meant = newest.version if newest else None",
        "meant = None",
        "tests/cli/client/test_file_operations.py",
    ),
    Defect(
        "an import answers with an earlier receipt of the same content",
        "cli/client/file_import.py",
        "            and receipt.version >= upload.first_version\n",
        "",
        "tests/cli/client/test_file_import.py",
    ),
    Defect(
        "an import answers with a receipt that is not finished",
        "cli/client/file_import.py",
        "            and receipt.state is not FileState.IMPORTING\n",
        "",
        "tests/cli/client/test_file_import.py",
    ),
    Defect(
        "the inbox notes a file before it is put",
        "infra/local/inbox.py",
        "            was_put = _try_to_put",
        "            _remember(inbox, {**done, name: now[name]})\n            was_put = _try_to_put",
        "tests/infra/test_inbox.py",
    ),
)
