"""Accepting the open points of a file day as they are."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from chalicelib.access.identity import Identity
from chalicelib.common.delivery import berlin_day, day_start
from chalicelib.common.errors import InvalidRequest, NotFound, Problem
from chalicelib.common.fields import InvalidValue
from chalicelib.common.names import DAILY_NAME, feed_day_text
from chalicelib.common.timestamps import format_utc
from chalicelib.feeds.file_change import FileChange
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt, blank_receipt
from chalicelib.imports.confirmation import confirm_withdrawn
from chalicelib.imports.context import ImportContext
from chalicelib.imports.file_import import overtaken
from chalicelib.imports.preview import Confirmable, Preview, confirmable, preview, restorations, withdrawals
from chalicelib.imports.service import import_daily_file, recheck_near
from chalicelib.imports.unconfirmed import list_unconfirmed, unconfirmed_sides, withdraw_unconfirmed
from chalicelib.notices.service import send_unsent

MOST_SHOWN: Final = 1_000
_TOKEN: Final = re.compile("[0-9a-f]{32}", re.ASCII)
MOST_CELLS: Final = 2
"""Filled cells that a footer may have, such as `Total,240,,,,,,`; a row with more may be a trade."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The effect of accepting a file day, in sentences; `version` is the newest one, 0 without any."""

    file_day: date
    version: int
    steps: tuple[str, ...]
    footer: str | None = None
    unconfirmed: tuple[str, ...] = ()
    """The sides of posted trades that no file contains; see `side_id`."""
    missing: frozenset[str] = frozenset()
    """The sides missing from a booked version that are to be withdrawn, or were by an acceptance that a crash ended."""
    changes: tuple[FileChange, ...] = ()
    """At most `MOST_SHOWN` of the changes of booked trades; `more_changes` counts the others."""
    more_changes: int = 0
    feed: str = DAILY_NAME

    @property
    def token(self) -> str:
        """Return what stands for all that would be accepted."""
        sides = [sorted(self.unconfirmed), sorted(self.missing)]
        parts = [feed_day_text(self.file_day, self.feed), self.version, self.footer, *sides]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    def as_json(self) -> dict[str, object]:
        return {
            "file_day": self.file_day.isoformat(),
            "version": self.version,
            "steps": list(self.steps),
            "changes": [change.as_json() for change in self.changes],
            "more_changes": self.more_changes,
            "token": self.token,
        }


def propose(file_day: date, context: ImportContext, *, footer: bool = False) -> Proposal:
    """Return the effect of accepting a file day; raises InvalidRequest if there is nothing to accept."""
    newest = context.receipts.newest([file_day]).get(file_day)
    return _proposal(newest, file_day, context, footer=footer, previewed=True)


def _proposal(
    newest: Receipt | None, file_day: date, context: ImportContext, *, footer: bool, previewed: bool = False
) -> Proposal:
    text = _footer(newest, context) if footer else None
    held = newest if previewed and newest is not None and newest.state is FileState.HELD else None
    seen = preview(held, context) if held is not None else None
    unconfirmed = unconfirmed_sides(newest, context) if newest else ()
    missing, put_back = confirmable(newest, context) if newest else Confirmable(frozenset(), frozenset())
    steps = _absent(file_day, context) if newest is None else _steps(newest, seen)
    if text is not None:
        steps.append(f"Count a last line that reads {text!r} as blank, in the files that are imported from now on.")
    if unconfirmed:
        posted = "1 posted trade" if len(unconfirmed) == 1 else f"{len(unconfirmed)} posted trades"
        steps.append(
            f"Withdraw {posted} executed on {file_day} that no file contains; the history keeps what is withdrawn. "
            f"To see which: {list_unconfirmed(file_day)}"
        )
    if put_back:
        steps.append(f"Put back {_trades(len(put_back))} that another file has by now.")
    if newest is not None and not steps:
        raise InvalidRequest(f"there is nothing to accept of the file of {file_day}: {_why_nothing(newest)}")
    changes: Sequence[FileChange] = ()
    if previewed:
        taken_out = withdrawals({*missing, *unconfirmed}, context)
        changes = seen.changes if seen else [*taken_out, *restorations(put_back, context)]
    return Proposal(
        file_day,
        newest.version if newest else 0,
        tuple(steps),
        text,
        unconfirmed,
        missing,
        tuple(changes[:MOST_SHOWN]),
        max(0, len(changes) - MOST_SHOWN),
        context.feed.name,
    )


def accept(
    file_day: date,
    user: str,
    context: ImportContext,
    version: int | None = None,
    *,
    footer: bool = False,
    unconfirmed: Collection[str] | None = None,
) -> Receipt:
    """Accept the open points of a file day, and return its receipt.

    A held or unfinished version is imported; trades that it does not have are taken out of the book; quarantined rows
    stay out; posted trades that no file contains (`unconfirmed`, default: all of the day) are withdrawn; a day without
    a file is no longer awaited. The quarantined rows of a held version are not accepted yet.

    Raises InvalidRequest if there is nothing to accept or `version` (0: no file) is no longer the newest.
    """
    newest = context.receipts.newest([file_day]).get(file_day)
    if version is not None and version != (newest.version if newest else 0):
        raise overtaken(version, file_day)
    proposal = _proposal(newest, file_day, context, footer=footer)
    if proposal.footer is not None:
        context.receipts.add_footer(proposal.footer, user)
    if newest is None:
        return _accept_absent(file_day, user, context)
    if newest.state in BOOKED_STATES and newest.without_effect:  # its only row is a footer, which now counts as blank
        return import_daily_file(file_day, context)
    if _is_to_confirm(newest):
        confirmed = confirm_withdrawn(file_day, user, context, newest.version)
        if newest.state not in BOOKED_STATES:
            return confirmed
    wanted = proposal.unconfirmed if unconfirmed is None else unconfirmed
    withdraw_unconfirmed(wanted, newest.key, user, context)
    accepted = _accept_rows(newest, user, context)
    send_unsent([file_day], context)  # of a confirmation that a crash ended before it was notified
    return accepted


def read_token(value: object) -> str:
    if isinstance(value, str) and _TOKEN.fullmatch(value):
        return value
    raise InvalidValue("must be the token of what is open")


def accept_proposed(file_day: date, token: str, caller: Identity, context: ImportContext) -> Receipt:
    """Accept what was proposed with this token; a receipt that is `importing` is to be accepted again to end it.

    Raises NotAllowed, InvalidRequest if something else would be accepted now, and what `accept` raises.
    """
    caller.require_accepting()
    newest = context.receipts.newest([file_day]).get(file_day)
    proposal = _proposal(newest, file_day, context, footer=False)
    if proposal.token != token:
        problem = Problem("token", "must be the token of what is open now")
        raise InvalidRequest(f"what is open of the file of {file_day} has changed; read it again", (problem,))
    try:
        return accept(file_day, caller.name, context, proposal.version, unconfirmed=proposal.unconfirmed)
    except NotFound:
        begun = context.receipts.newest([file_day]).get(file_day)
        if begun is None or begun.state is not FileState.IMPORTING:
            raise
        return begun


def _is_to_confirm(receipt: Receipt) -> bool:
    if receipt.state in {FileState.HELD, FileState.IMPORTING}:
        return True
    return receipt.state in BOOKED_STATES and receipt.unconfirmed > 0


def _has_open_rows(receipt: Receipt) -> bool:
    has_both = bool(receipt.quarantined and receipt.good_rows)
    return receipt.state in BOOKED_STATES and has_both and not receipt.accepted_at


def _withdraw(trades: str, version: str) -> str:
    kept = "the history keeps what is withdrawn"
    return f"Withdraw {trades} of an earlier version that neither {version} nor another file has; {kept}."


def _steps(newest: Receipt, seen: Preview | None) -> list[str]:
    about = f"version {newest.version} of the file of {newest.file_day}"
    if newest.state in {FileState.HELD, FileState.IMPORTING}:
        held = newest.state is FileState.HELD
        steps = [f"Import {about}, which is held: {newest.reason}." if held else f"End the import of {about}."]
        withdrawn = seen.withdrawn if seen else None
        steps[0] += f" Of its rows {seen.rows}." if seen else ""
        if withdrawn != 0:
            trades = "the trades" if withdrawn is None else _trades(withdrawn)
            steps.append(_withdraw(trades, "this one"))
        if newest.quarantined:
            steps.append("Leave its quarantined rows for a check: accepting it again accepts those.")
        return steps
    steps = []
    if _is_to_confirm(newest):
        steps.append(_withdraw(_trades(newest.withdrawn), about))
    if _has_open_rows(newest):
        rows = "1 quarantined row" if newest.quarantined == 1 else f"{newest.quarantined} quarantined rows"
        booked = newest.standing_version
        stays = f" A trade of such a row that version {booked} booked stays with its terms." if booked else ""
        steps.append(f"Leave {rows} of {about} out of the book for good; the file then counts as imported.{stays}")
    return steps


def _trades(number: int) -> str:
    return "1 trade" if number == 1 else f"{number} trades"


def _why_nothing(newest: Receipt) -> str:
    name, right = newest.key, "put the right file in its place under the same name"
    if newest.state in {FileState.WAITING, FileState.REJECTED}:
        booked = newest.standing_version
        stays = f"; version {booked} stays in the book, and its file may be put there again" if booked else ""
        return f"version {newest.version} is {newest.state.value} ({newest.reason}); {right}{stays}"
    if newest.state is FileState.ABSENT:
        return f"{newest.reason or 'no file will come'} already"
    if newest.rows and not newest.good_rows:
        return f"no row of it is a valid trade; {right}, or one with only the header if nothing was traded"
    if newest.early:
        return f"{name} was stored before the day had ended; put it there again, whole, under the same name"
    if not newest.stands_for_its_day:
        return f"most of its rows were executed on other days; {right}"
    return f"everything of version {newest.version} is settled"


def _absent(file_day: date, context: ImportContext) -> list[str]:
    name = context.key(file_day)
    if context.store.newest_version(name) is not None:
        raise InvalidRequest(f"there is nothing to accept yet: {name} is there and not imported; run voltbook check")
    over = day_start(file_day + timedelta(days=1))
    if context.clock.now() < over:
        today = berlin_day(context.clock.now())
        raise InvalidRequest(
            f"there is nothing to accept yet: {file_day} is not over, and its file comes after it; today is {today}"
        )
    return [f"Record that no file of {file_day} will come, so that nothing is missing. A later one is imported."]


def _accept_absent(file_day: date, user: str, context: ImportContext) -> Receipt:
    key = context.key(file_day)
    with context.lease(file_day) as lease:
        if lease.newest is not None or context.store.newest_version(key) is not None:
            raise overtaken(0, file_day)
        reason = f"no file of {file_day:%d %b %Y}, accepted by {user}"
        accepted = replace(
            blank_receipt(file_day, FileState.ABSENT, reason, context.feed),
            accepted_at=format_utc(context.clock.now()),
            accepted_by=user,
        )
        context.receipts.save(lease, accepted, context.until(), by=user)
    recheck_near(file_day, context)
    return accepted


def _accept_rows(receipt: Receipt, user: str, context: ImportContext) -> Receipt:
    with context.lease(receipt.file_day) as lease:
        current = lease.newest
        if current is None or current.version != receipt.version or current.quarantined != receipt.quarantined:
            raise overtaken(receipt.version, receipt.file_day)
        if not _has_open_rows(current):
            return current
        accepted = replace(
            current, state=FileState.IMPORTED, accepted_at=format_utc(context.clock.now()), accepted_by=user
        )
        context.receipts.save(lease, accepted, context.until(), by=user)
    return accepted


def _footer(newest: Receipt | None, context: ImportContext) -> str:
    if newest is None or newest.state not in {*BOOKED_STATES, FileState.HELD}:
        raise InvalidRequest("there is no file that was read whole, and whose last line could be a footer")
    try:
        with context.store.fetch(newest.key, newest.object_version) as stored:
            last = context.reader.last_row(stored.content)
    except NotFound as gone:
        raise InvalidRequest(f"version {newest.version} of {newest.key} is gone from the bucket") from gone
    quarantined = {row.line for row in context.receipts.quarantine(newest.file_day, newest.version)}
    where = f"the last line of {newest.key}, {f'line {last.line}' if last else 'the header'},"
    if last is None or (last.trade is None and last.line not in quarantined):
        raise InvalidRequest(f"{where} is no quarantined row, so that it is no footer")
    filled = sum(bool(cell.strip()) for cell in last.text.split(","))
    if last.trade is not None or (last.trade_id is not None and filled > MOST_CELLS):
        raise InvalidRequest(f"{where} reads as a row of a trade, so that it is no footer")
    return last.text
