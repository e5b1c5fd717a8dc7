"""The seeded bugs: which text is changed in which file, and which test must fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIMULATION: Final = "the simulation"
_WATCHING: Final = "tests/imports/test_polling.py"


@dataclass(frozen=True, slots=True)
class Defect:
    """A bug: in `file`, `old` (found exactly once) becomes `new`; `caught_by` is the simulation or a test's id."""

    name: str
    file: str
    old: str
    new: str
    caught_by: str = SIMULATION


def _defect(name: str, file: str, old: str, new: str, caught_by: str = SIMULATION) -> Defect:
    return Defect(name, f"chalicelib/{file}.py", old, new, caught_by)


def _verified(name: str, file: str, old: str, new: str) -> Defect:
    return Defect(name, f"chalicelib/{file}.py", old, new, "tests/admin/test_integrity_check.py")


def _own_day(name: str, file: str, old: str, new: str) -> Defect:
    return Defect(name, f"chalicelib/{file}.py", old, new, "tests/imports/test_any_history.py")


DEFECTS: Final = (
    _defect(
        "a version overtaken half way is never ended",
        "imports/service",
        "newest.state is FileState.IMPORTING and newest.object_version != version",
        "newest.state is FileState.HELD and newest.object_version != version",
    ),
    _defect(
        "a run that is out of time calls its file done",
        "imports/import_run",
        "                    return receipt, False",
        "                    return receipt, True",
    ),
    _defect(
        "a row is counted again after a kill",
        "imports/import_run",
        "if line > receipt.progress:",
        "if line >= receipt.progress:",
    ),
    _defect(
        "what a window corrected is not kept",
        "imports/import_run",
        "        receipts.store_changes(self.lease, version, first, changes)\n",
        "",
    ),
    _defect(
        "the receipt is saved before what it counts",
        "imports/import_run",
        "        receipts.store_changes(self.lease, version, first, changes)\n",
        "        receipts.save(self.lease, receipt, self.context.until())\n"
        "        receipts.store_changes(self.lease, version, first, changes)\n",
    ),
    _defect(
        "a bad row is not counted",
        "imports/file_import",
        "quarantined=len(validation.quarantine),",
        "quarantined=max(0, len(validation.quarantine) - 1),",
    ),
    _defect(
        "a repeated row is not counted",
        "imports/file_import",
        "already_there=booked.already_there + len(validation.repeated) - clashing,",
        "already_there=booked.already_there - clashing,",
    ),
    _defect(
        "a file of exactly 80 per cent is held",
        "imports/file_import",
        "validation.rows * 100 < before.rows * (100 - self.context.limits.fewer_percent):",
        "validation.rows * 100 <= before.rows * (100 - self.context.limits.fewer_percent):",
    ),
    _defect(
        "recovered is not told where an earlier version was in the book",
        "imports/file_import",
        "return (Kind.LATE in kinds or (Kind.REJECTED in kinds and before is None)) and Kind.RECOVERED not in kinds",
        "return bool(kinds & {Kind.LATE, Kind.REJECTED}) and before is None and Kind.RECOVERED not in kinds",
    ),
    _defect(
        "an end is told apart from its receipt",
        "imports/file_import",
        "        self.context.receipts.save(self.lease, ended, self.context.until(), notices)\n        return ended",
        "        self.context.receipts.save(self.lease, ended, self.context.until())\n"
        "        self.context.receipts.save(self.lease, ended, self.context.until(), notices)\n        return ended",
    ),
    _defect(
        "what was still to withdraw is forgotten",
        "imports/withdrawals",
        "{trade_id for trade_id in recorded_missing(before, context) if not is_in(hashes, hash(trade_id))}",
        "set[str]()",
    ),
    _defect(
        "a trade of a bad row counts as withdrawn",
        "imports/file_import",
        "ids = row_ids(self.stored.content, validation)",
        "ids = () if validation.quarantine else row_ids(self.stored.content, validation)",
    ),
    _own_day(
        "a withdrawal takes what another newest file holds",
        "imports/withdrawals",
        "        kept |= present\n",
        "        kept |= set()\n",
    ),
    _own_day(
        "a copy of another day's file makes the day complete",
        "imports/survey",
        "if survey.rows and not validation.own_rows and survey.elsewhere == survey.rows:",
        "if survey.rows and not validation.own_rows and survey.elsewhere > survey.rows:",
    ),
    _own_day(
        "the same bytes again put nothing back",
        "imports/file_import",
        "            return self._compare(existing)\n",
        "            return existing\n",
    ),
    _defect(
        "what another file dropped is not looked at again",
        "imports/service",
        "receipt.compared_with != newest_files_near(receipt.file_day, context.receipts):",
        "receipt.compared_with is None:",
        "tests/imports/test_recheck.py",
    ),
    _defect(
        "what stays for another file's sake is forgotten by the next version",
        "imports/withdrawals",
        "MISSING_KINDS: Final = frozenset({ChangeKind.KEPT, ChangeKind.WITHDRAWN})",
        "MISSING_KINDS: Final = frozenset({ChangeKind.WITHDRAWN})",
        "tests/imports/test_recheck.py",
    ),
    _defect(
        "an accepted file of reused ids is held again",
        "imports/file_import",
        "hold_reason = None if accepted or books_nothing else",
        "hold_reason = None if accepted else",
        "tests/imports/test_own_day.py",
    ),
    _defect(
        "any file may withdraw what it held",
        "imports/withdrawals",
        "if revision.withdrawn or file_day not in {revision.executed_on, revision.source_day}:",
        "if revision.withdrawn:",
        "tests/imports/test_own_day.py",
    ),
    _defect(
        "a row takes the id of another execution",
        "trades/service",
        "        if current.uses_id_of(row.trade, source.file_day):\n",
        "        if not current.number:\n",
    ),
    _defect(
        "a repeated row of an id in use counts as there",
        "imports/file_import",
        "        clashing = run.quarantine_repeated_clashes(booked)\n",
        "        clashing = 0\n",
    ),
    _defect(
        "a confirmation is noted and nothing withdrawn",
        "imports/confirmation",
        "recorded_missing(newest, context, {ChangeKind.WITHDRAWN})",
        "recorded_missing(newest, context, {ChangeKind.CORRECTED})",
    ),
    _defect(
        "an older file is confirmed in place of the newest",
        "imports/confirmation",
        "if version is not None and (receipt is None or receipt.version != version):",
        "if version is not None and receipt is None:",
    ),
    _defect(
        "the lease is kept by a run that is done",
        "imports/context",
        "            self.receipts.release(lease)",
        "            self.receipts.extend(lease, self.until() + timedelta(days=9))",
    ),
    _defect(
        "a notice is noted as sent before it is",
        "notices/service",
        "            sender.notices.publish(notice.subject, notice.body)\n",
        "            sender.outbox.sent(notice, now)\n"
        "            sender.notices.publish(notice.subject, notice.body)\n",
    ),
    _defect(
        "a notice is sent without a claim",
        "notices/service",
        "or not sender.outbox.claim(notice, sender.owner, now, now + CLAIM):",
        "or (sender.outbox.claim(notice, sender.owner, now, now + CLAIM) and False):",
    ),
    _defect(
        "a notice that could not be sent is given up",
        "notices/service",
        "            unsent += 1\n",
        "            sender.outbox.sent(notice, now)\n            unsent += 1\n",
    ),
    _defect(
        "a poll forgets days whose notices were not sent",
        "imports/polling",
        "if file_day not in unsettled and (",
        "if (",
    ),
    _defect(
        "a file that polls leave unimported is never late",
        "imports/lateness",
        "return Late.UNFINISHED if scan.was_left(day) else None",
        "return None",
        _WATCHING,
    ),
    _defect(
        "what is late is sent after the imports only",
        "imports/polling",
        "send_unsent({*scan.opened, *scan.late}, context)",
        "send_unsent((), context)",
        _WATCHING,
    ),
    _defect(
        "the days to import are in the same order at every poll",
        "imports/polling",
        "return day != scan.days[-1] or left, tried, day",
        "return day != scan.days[-1], _LONG_AGO, day",
        _WATCHING,
    ),
    _defect(
        "an event is taken for done while its import is not",
        "imports/service",
        "UNFINISHED = frozenset({FileState.IMPORTING, FileState.WAITING})",
        "UNFINISHED = frozenset({FileState.WAITING})",
    ),
    _defect(
        "a post with other terms is taken for the same",
        "trades/service",
        "    if current.states(trade):",
        "    if current.trade.id == trade.id:",
    ),
    _defect("anybody books for anybody", "trades/service", "    caller.require_booking(trade.trader_id)\n", ""),
    _defect(
        "the file of an earlier day takes the last word",
        "trades/service",
        "        if not current.is_led_by(source.file_day):\n",
        "        if not current.is_led_by(source.file_day) and not current.number:\n",
    ),
    _own_day(
        "a trade forgets which files hold it",
        "trades/service",
        "    if current.withdrawn or current.uses_id_of(row, file_day):\n        return None\n    same",
        "    if current.number:\n        return None\n    same",
    ),
    _defect(
        "a history shows words about other traders",
        "trades/service",
        "[revision for revision in revisions if caller.may_read(revision.trade.trader_id)]",
        "[revision for revision in revisions if revision.number]",
    ),
    _defect(
        "a foreign trade is shown to whoever knows its id",
        "trades/service",
        "if revision is None or not caller.may_read(revision.trade.trader_id):",
        "if revision is None:",
    ),
    _defect(
        "a user who was shut out comes in",
        "access/service",
        "active = None if user is None or user.disabled else user",
        "known = user",
    ),
    _defect(
        "any password opens",
        "access/service",
        "if active is None or not right:",
        "if known is None:",
    ),
    _defect("late from 09:00", "feeds/feed", "DEADLINE: Final = time(8)", "DEADLINE: Final = time(9)"),
    _defect(
        "late a minute after 08:00",
        "feeds/feed",
        "return now >= late_from(file_day)",
        "return now > late_from(file_day)",
    ),
    _defect("late by the clock of UTC", "feeds/feed", "DEADLINE, BERLIN).astimezone(UTC)", "DEADLINE, UTC)"),
    _defect("a poll goes back two days only", "feeds/feed", "DAYS_BACK: Final = 7", "DAYS_BACK: Final = 2"),
    _defect(
        "the hour that occurs twice is one", "common/delivery", "earlier.minutes + HOUR) if earlier", "HOUR) if earlier"
    ),
    _defect(
        "the hour after the clocks change is lost",
        "common/delivery",
        "    while start < end:",
        "    while start < end and len(rows) < 23:",
    ),
    _defect(
        "rounded to even",
        "common/units",
        "    cents = (2 * abs(numerator) + denominator) // (2 * denominator)\n",
        "    cents, left = divmod(abs(numerator), denominator)\n"
        "    cents += 2 * left > denominator or (2 * left == denominator and cents % 2)\n",
    ),
    _defect(
        "minus zero is shown",
        "common/units",
        '"-" if numerator < 0 and cents else ""',
        '"-" if numerator < 0 else ""',
        "tests/common/test_units.py",
    ),
    _defect(
        "a withdrawn trade still counts",
        "trades/revision",
        "NO_CHANGE if self.withdrawn else trade_change(self.trade)",
        "trade_change(self.trade)",
    ),
    _defect(
        "what is sold earns nothing where something was bought",
        "reports/model",
        "return self.sell_cash - self.buy_cash",
        "return self.sell_cash - self.buy_cash if not self.buy_cash else -self.buy_cash",
    ),
    _defect(
        "a trader sees the desk",
        "access/identity",
        "READS_ALL: Final = frozenset({Role.DESK,",
        "READS_ALL: Final = frozenset({Role.TRADER, Role.DESK,",
    ),
    _defect(
        "traders are told apart without their case",
        "access/identity",
        "Role.TRADER and self.trader_id == trader_id)\n\n    def may_book",
        "Role.TRADER and str(self.trader_id).lower() == trader_id.lower())\n\n    def may_book",
    ),
    _defect(
        "the file of the day before is not needed",
        "reports/completeness",
        "return (delivery_day - timedelta(days=1), delivery_day)",
        "return (delivery_day, delivery_day)",
    ),
    _defect(
        "an unconfirmed withdrawal is settled",
        "feeds/receipt",
        "self.stands_for_its_day and not self.unconfirmed",
        "self.stands_for_its_day",
    ),
    _defect(
        "a day with corrections says complete",
        "feeds/receipt",
        "return bool(self.corrected) or self.confirmed_at is not None or self.changed_before",
        "return self.confirmed_at is not None",
        "tests/reports/test_completeness.py",
    ),
    _defect(
        "the mark of a day is not looked at",
        "reports/completeness",
        "changed=bool(mark.changed_at or mark.added_at) or any(",
        "changed=any(",
        "tests/reports/test_completeness.py",
    ),
    Defect(
        "the states are read before the numbers only",
        "chalicelib/reports/service.py",
        "    after = _states(days, stores)\n    for _",
        "    after = before\n    for _",
        "tests/reports/test_consistent_reading.py",
    ),
    Defect(
        "the states are read after the numbers only",
        "chalicelib/reports/service.py",
        "    after = _states(days, stores)\n    for _",
        "    before = after = _states(days, stores)\n    for _",
        "tests/reports/test_consistent_reading.py",
    ),
    Defect(
        "a run that began and ended between the states goes unnoticed",
        "chalicelib/reports/service.py",
        "return states.marks.get(day, UNMARKED), *",
        "return states.marks.get(day, UNMARKED).running, *",
        "tests/reports/test_consistent_reading.py",
    ),
    _defect(
        "a correction does not mark its day",
        "trades/dynamodb",
        "for day in sorted(days) if day not in lease.marked]",
        "for day in sorted(days) if day in lease.marked]",
        "tests/feeds/test_dynamodb_marks.py",
    ),
    _defect(
        "the marks of a run outlive it",
        "feeds/dynamodb",
        "if item.marked_days and item.state",
        "if not item.marked_days and item.state",
        "tests/feeds/test_dynamodb_marks.py",
    ),
    _defect(
        "a row that is cut off is quarantined",
        "imports/validation",
        "row.cut and (row.trade is None",
        "row.cut and row.trade is not None and (row.trade is None",
    ),
    _defect(
        "the last of rows that contradict each other wins",
        "imports/validation",
        "for line, day in group.rows():",
        "for line, day in list(group.rows())[:-1]:",
    ),
    _defect(
        "a quote swallows its line end",
        "common/csv_records",
        "if '\"' in text and not (_SPACED_RECORD if spaced else _RECORD).fullmatch(text):",
        "if '\"' in text and not text:",
        "tests/imports/test_daily_format.py",
    ),
    _defect(
        "a trade is booked over one that stands",
        "trades/items",
        'return {**_put(current_item(revision)), "ConditionExpression": _ABSENT, **_RETURN_CURRENT}',
        "return _put(current_item(revision))",
        "tests/trades/test_dynamodb.py",
    ),
    _defect(
        "a correction is added again on a retry",
        "trades/items",
        "    return {**_put(current_item(new)), **_if_current(old)}\n\n\n"
        "def put_earlier(old: Revision) -> dict[str, Any]:\n"
        '    """Store an earlier revision, once."""\n'
        '    return {**_put(old_item(old)), "ConditionExpression": _ABSENT}',
        "    return _put(current_item(new))\n\n\n"
        "def put_earlier(old: Revision) -> dict[str, Any]:\n    return _put(old_item(old))",
        "tests/trades/test_dynamodb.py tests/trades/test_dynamodb_faults.py",
    ),
    _defect(
        "a correction does not see that a file says the same",
        "trades/items",
        'conditions.append(f"{name} = :{name}" if value else f"attribute_not_exists({name})")',
        'conditions.append(f"{name} = :{name}" if value else "#number = :number")',
        "tests/trades/test_dynamodb.py",
    ),
    _defect(
        "of a purchase and a sale in one position the last counts",
        "trades/dynamodb",
        "changes[key] = changes.get(key, NO_CHANGE) + (change if sign > 0 else -change)",
        "changes[key] = change if sign > 0 else -change",
        "tests/trades/test_dynamodb.py",
    ),
    _defect(
        "another trader's position is read by its prefix",
        "positions/dynamodb",
        "[position for position in positions if trader_id is None or position.key.trader_id == trader_id]",
        "list(positions)",
        "tests/trades/test_dynamodb.py",
    ),
    _defect(
        "a lease without a fence",
        "feeds/leases",
        "return FileItem.fence == lease.fence",
        "return FileItem.fence.exists()",
        "tests/feeds/test_dynamodb.py",
    ),
    _defect(
        "a lease that is taken while another has it",
        "feeds/dynamodb",
        "FileItem.expires.does_not_exist() | (FileItem.expires <= millis(now)) | (FileItem.owner == owner)",
        "FileItem.expires.does_not_exist() | FileItem.expires.exists()",
        "tests/feeds/test_dynamodb.py",
    ),
    _defect(
        "the outbox outside the transaction",
        "feeds/dynamodb",
        "            for notice in notices:\n                _add_once(transaction, notice)\n",
        "            for notice in notices:\n"
        "                with TransactWrite(connection=connection()) as apart:\n"
        "                    _add_once(apart, notice)\n",
        "tests/notices/test_dynamodb.py",
    ),
    _defect(
        "a notice that was sent is written anew",
        "feeds/dynamodb",
        "NoticeItem.subject.set(NoticeItem.subject | item.subject),",
        "NoticeItem.subject.set(item.subject), NoticeItem.sent_at.remove(),",
        "tests/notices/test_dynamodb.py",
    ),
    _defect(
        "a claim that nobody respects",
        "notices/dynamodb",
        "unsent & (free | ours))",
        "unsent)",
        "tests/notices/test_dynamodb.py",
    ),
    _defect(
        "a dropped retry",
        "aws/errors",
        "ATTEMPTS: Final = 10",
        "ATTEMPTS: Final = 1",
        "tests/trades/test_dynamodb_faults.py",
    ),
    _defect(
        "a throttle that is no contention",
        "aws/errors",
        '_BUSY_REASONS: Final = frozenset({"TransactionConflict", "ThrottlingError",',
        '_BUSY_REASONS: Final = frozenset({"ThrottlingError",',
        "tests/trades/test_dynamodb_faults.py",
    ),
    Defect(
        "a cursor not bound to its query",
        "chalicelib/trades/cursor.py",
        "json.dumps([caller.name, which.trader_id, day, mark])",
        "json.dumps([caller.name, mark])",
        "tests/trades/test_http_list.py",
    ),
    Defect(
        "two runs of one name",
        "chalicelib/imports/bootstrap.py",
        'f"{owner} {uuid4().hex}",\n        time_left=time_left,',
        "owner,\n        time_left=time_left,",
        "tests/functions/test_functions.py",
    ),
    Defect(
        "a trader may read the daily files",
        "chalicelib/feeds/http.py",
        "import READS_ALL, Caller",
        "import EVERY_ROLE as READS_ALL, Caller",
        "tests/access/test_authorizer.py",
    ),
    _defect(
        "a decomposed name is another trader",
        "common/names",
        "    if not _is_composed(name):",
        "    if not name:",
        "tests/common/test_names.py",
    ),
    _defect(
        "a name may hold what cannot be seen",
        "common/names",
        "unseen = None if name.isascii() else _UNSEEN.search(name)",
        "unseen = None",
        "tests/common/test_names.py",
    ),
    _defect(
        "a name that was booked before is refused in its own file",
        "imports/validation",
        "header = replace(header, stored=True,",
        "header = replace(header, stored=False,",
        "tests/imports/test_versions.py",
    ),
    _defect(
        "a time that was rounded is another",
        "common/timestamps",
        "return -step < ahead and 2 * ahead <= step",
        "return -step < ahead <= 0",
        "tests/common/test_timestamps.py",
    ),
    _defect(
        "two times of a whole step apart agree",
        "common/timestamps",
        "return -step < ahead",
        "return -step <= ahead",
        "tests/common/test_timestamps.py",
    ),
    _defect(
        "an execution of the future is no warning",
        "trades/warnings",
        "if trade.executed_at > now + CLOCKS_APART:",
        "if trade.executed_at > now + 1000 * CLOCKS_APART:",
        "tests/trades/test_warnings.py",
    ),
    _defect(
        "a formula behind a semicolon is run",
        "common/csv_writer",
        '(^ *|[,;|][ "]*)',
        '(^ *|[,|][ "]*)',
        "tests/common/test_csv_writer.py",
    ),
    Defect(
        "a login in Latin-1 is no login",
        "chalicelib/access/service.py",
        'credentials.decode("latin-1")',
        'credentials.decode("utf-8", "replace")',
        "tests/access/test_service.py",
    ),
    Defect(
        "a body of no type is taken for JSON",
        "chalicelib/web/responses.py",
        'elif request.method == "POST" and "content-type" not in request.headers:',
        'elif request.method == "PUT":',
        "tests/api/test_hostile.py",
    ),
    Defect(
        "the link names no host",
        "chalicelib/web/responses.py",
        """return f"{scheme}://{host}{quote(request.context['path'])}\"""",
        'return quote(request.context["path"])',
        "tests/trades/test_http_list.py",
    ),
    _verified(
        "verify skips the rows of a provisional file",
        "admin/integrity_check",
        "elif receipt.state in BOOKED_STATES:",
        'elif receipt.state.value == "imported":',
    ),
    _verified(
        "verify skips the rows of older versions",
        "admin/integrity_check",
        "elif receipt.state in BOOKED_STATES:",
        "elif receipt.state in BOOKED_STATES and newest:",
    ),
    _verified(
        "verify skips the rows under a version that is not booked",
        "admin/integrity_check",
        "FileProof(receipt, receipt is booked,",
        "FileProof(receipt, receipt is versions[0],",
    ),
    _verified(
        "verify skips the last row of a batch",
        "admin/file_proof",
        "            for line, trade in batch:\n                compared += 1\n",
        "            compared += len(batch)\n            for line, trade in batch[: max(1, READ_AT_ONCE - 1)]:\n",
    ),
    _verified(
        "verify passes a withdrawn trade that a newest file has",
        "admin/file_proof",
        "if self.newest and current.withdrawn:",
        "if self.newest and current.withdrawn and not agrees:",
    ),
    _verified(
        "verify passes terms that an earlier day's file states",
        "admin/file_proof",
        "max(others, default=date.min) > file_day",
        "max(others, default=file_day) != file_day",
    ),
    _verified(
        "verify lets a later day's file overrule that of the day of execution",
        "admin/file_proof",
        "self.receipt.rules >= OWN_DAY_LEADS and",
        "self.receipt.rules > OWN_DAY_LEADS and",
    ),
    _verified(
        "verify passes a row that no revision ever stated",
        "admin/file_proof",
        "if agrees or self._was_stated(trade, current):",
        "if agrees or self._was_stated(trade, current) or current.number > 1:",
    ),
    _verified(
        "verify judges a stored file by the rules of now",
        "admin/file_proof",
        "        quarantine = self.receipts.quarantine(self.receipt.file_day, self.receipt.version)\n",
        "        quarantine = ()\n",
    ),
    Defect(
        "an address that a client states is believed",
        "chalicelib/web/patches.py",
        'event.get("requestContext", {}).get("identity", {}).get("sourceIp")',
        'headers.get("x-forwarded-for") or event.get("requestContext", {}).get("identity", {}).get("sourceIp")',
        "tests/access/test_authorizer.py",
    ),
    Defect(
        "the local gateway believes the address in a header",
        "infra/local/gateway.py",
        'environ.get("REMOTE_ADDR", "")',
        'environ.get("HTTP_X_FORWARDED_FOR") or environ.get("REMOTE_ADDR", "")',
        "tests/access/test_authorizer.py",
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
        "tests/access/test_authorizer.py",
    ),
    Defect(
        "the deployed gateway keeps a verdict for the login alone",
        "infra/resources.yaml",
        "method.request.header.Authorization, context.identity.sourceIp",
        "method.request.header.Authorization",
        "tests/infra/test_template.py",
    ),
    _defect(
        "a day that is not over hides a missing one",
        "reports/completeness",
        "(State.MISSING, State.OPEN,",
        "(State.OPEN, State.MISSING,",
        "tests/reports/test_completeness.py",
    ),
    Defect(
        "an import of a book is silent about what stands otherwise",
        "chalicelib/admin/dump.py",
        "            if others:\n",
        "            if others and others[0] in part[:0]:\n",
        "tests/admin/test_dump.py",
    ),
    _defect(
        "an item that stands otherwise is taken for the same",
        "admin/tables",
        "if old is not None and _in_order(old) != item]",
        "if old is not None and old.keys() != item.keys()]",
        "tests/admin/test_table_dump.py",
    ),
    _defect(
        "a position is mended if one of its sums is as it was read",
        "positions/dynamodb",
        '_AS_READ: Final = " AND "',
        '_AS_READ: Final = " OR "',
        "tests/admin/test_dynamodb.py",
    ),
    Defect(
        "a mail overtakes an earlier one that another run is sending",
        "chalicelib/mails/service.py",
        "now + CLAIM):\n                break",
        "now + CLAIM):\n                continue",
        "tests/mails/test_service.py",
    ),
    Defect(
        "a mail overtakes an earlier one that could not be sent",
        "chalicelib/mails/service.py",
        "unsent.append((letter, str(error)))\n                break",
        "unsent.append((letter, str(error)))\n                continue",
        "tests/mails/test_service.py",
    ),
    Defect(
        "16 digits are a number in a workbook",
        "cli/output/xlsx.py",
        "_EXACT_DIGITS: Final = 15",
        "_EXACT_DIGITS: Final = 16",
        "tests/cli/output/test_xlsx.py",
    ),
    _defect(
        "only the first 1 000 quarantined rows are kept",
        "feeds/receipt_items",
        "texts = map(_quarantine_text, windows(rows, ROWS_PER_ITEM))",
        "texts = map(_quarantine_text, windows(rows[:1_000], ROWS_PER_ITEM))",
        "tests/feeds/test_dynamodb.py",
    ),
    _defect(
        "only the first 1 000 quarantined rows are read",
        "feeds/receipt_items",
        "return sorted(quarantined, key=lambda row: row.line)",
        "return sorted(quarantined, key=lambda row: row.line)[:1_000]",
        "tests/feeds/test_dynamodb.py",
    ),
    _defect(
        "a login is read as it was some time ago",
        "access/dynamodb",
        "UserItem.get(name, consistent_read=True)",
        "UserItem.get(name)",
        "tests/access/test_dynamodb.py",
    ),
    _defect(
        "a position is read as it was some time ago",
        "positions/dynamodb",
        '        "ConsistentRead": True,\n',
        "",
        "tests/trades/test_dynamodb.py",
    ),
    Defect(
        "the gateway's policy allows everything to everybody",
        "chalicelib/access/authorizer.py",
        'return [AuthRoute(_PARAMETER.sub("*", path), [method]) for method, path in routes]',
        'return ["*"]',
        "tests/api/test_roles.py",
    ),
    _defect(
        "the service shows the daily files to every role",
        "access/identity",
        "        if self.role not in READS_ALL:\n",
        "        if self.role not in READS_ALL and self.trader_id is None:\n",
        "tests/api/test_roles.py",
    ),
    Defect(
        "a withdrawn foreign id reads otherwise than a free one",
        "chalicelib/trades/service.py",
        "    revision = _readable(book.find(trade_id), trade_id, caller)\n",
        "    found = book.find(trade_id)\n"
        "    revision = found if found is not None and found.withdrawn else _readable(found, trade_id, caller)\n",
        "tests/api/test_roles.py",
    ),
    Defect(
        "an answer tells the seal that signs cursors",
        "chalicelib/access/http.py",
        '{"name": caller.name,',
        '{"seal": caller.seal, "name": caller.name,',
        "tests/trades/test_http_list.py",
    ),
    _defect(
        "the audit holds the hash of a new password",
        "access/dynamodb",
        "self._entry(by, Act.PASSWORD_SET, name, {}, {})",
        'self._entry(by, Act.PASSWORD_SET, name, {}, {"hash": password_hash})',
        "tests/audit/test_dynamodb.py",
    ),
    _defect(
        "of two who disable a login at once both did it",
        "access/dynamodb",
        "as_read = UserItem.disabled == user.disabled",
        "as_read = UserItem.name.exists()",
        "tests/audit/test_dynamodb.py",
    ),
    _defect(
        "a lease runs out up to a second early",
        "common/timestamps",
        "return int(moment.timestamp() * 1000)",
        "return int(moment.timestamp()) * 1000",
        "tests/feeds/test_dynamodb.py",
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
    _defect(
        "only the first page of trades and positions is read",
        "aws/reads",
        '        if "LastEvaluatedKey" not in page:\n            return\n',
        "        return\n",
        "tests/aws/test_pages.py",
    ),
    Defect(
        "a confirmation counts for a version that came after the question",
        "cli/client/operations.py",
        "version = newest.version if newest else None",
        "version = None",
        "tests/cli/client/test_file_operations.py",
    ),
    Defect(
        "an import answers with an earlier receipt of the same content",
        "cli/client/file_import.py",
        "        and receipt.version >= upload.first_version\n",
        "",
        "tests/cli/client/test_file_import.py",
    ),
    Defect(
        "an import answers with a receipt that is not finished",
        "cli/client/file_import.py",
        "        and receipt.state is not FileState.IMPORTING\n",
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
