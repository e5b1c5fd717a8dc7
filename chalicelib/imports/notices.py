"""The notices about files. They contain no price, id or trader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from chalicelib.common.delivery import on_both_clocks
from chalicelib.common.printable import shown
from chalicelib.common.units import eur
from chalicelib.feeds.feed import DAILY, Feed, next_poll
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, QuarantinedRow, Receipt, counted
from chalicelib.notices.model import Kind, Notice, new_notice

SHOWN_ROWS: Final = 5
SHOWN_NAMES: Final = 3
SHOWN_LINES: Final = 3
_SET_UP: Final = "Correct the settings; the next poll then imports it. To see the formats: voltbook formats."


def late_notice(
    file_day: date,
    waiting: Receipt | None,
    now: datetime,
    *,
    failed: bool = False,
    unfinished: bool = False,
    near: Sequence[str] = (),
    feed: Feed = DAILY,
) -> Notice:
    """Return the notice that there is no usable file by the deadline.

    `waiting` is the receipt of an unusable file. `failed`: it could not be read or imported. `unfinished`: an earlier
    poll left it unimported. `near` are misspelt names in the bucket.
    """
    name, file, deadline = feed.key(file_day), feed.file(file_day), feed.late_from(file_day)
    status = "is not there."
    if failed:
        status = "could not be checked or imported; the log of the last poll shows why."
    elif unfinished:
        status = "is there but not imported: its import did not end, or there was no time for it."
    elif waiting:
        status = f"is there but cannot be used: {waiting.why_unusable}."
    lines = [
        f"{name} {status}",
        *_near_misses(near, name),
        *([f"It was expected by {on_both_clocks(deadline)}."] if deadline else []),
        *([f"{_reports(file)} show their data as missing until it is imported."] if feed.required else []),
        f"To check again now: voltbook check. To see what is known: voltbook files show {_arguments(file)}",
    ]
    if not (waiting or failed or unfinished):
        lines.append(f"If it will never come: voltbook files accept {_arguments(file)}")
    return _notice(Kind.LATE, file, 0, f"{_title(file)} is late", lines, now)


def _title(file: FileDay) -> str:
    return f"the daily file of {file.day}" if file.feed == DAILY.name else f"the file of feed {file.feed} of {file.day}"


def _arguments(file: FileDay) -> str:
    """Return the file as commands take it."""
    return str(file.day) if file.feed == DAILY.name else f"{file.day} --feed {file.feed}"


def _reports(file: FileDay) -> str:
    if file.feed == DAILY.name:
        return f"Reports on {file.day} and the day after"
    return "Reports on the days that wait for it, if any,"


def _near_misses(names: Sequence[str], name: str) -> list[str]:
    if not names:
        return []
    more = [f"and {len(names) - SHOWN_NAMES} more"] if len(names) > SHOWN_NAMES else []
    listed = ", ".join([*map(shown, names[:SHOWN_NAMES]), *more])  # escaped, as anybody may have chosen them
    return [f"The bucket holds {listed}: only {name} is imported. If this is the file, store it under that name."]


class BookChanges(NamedTuple):
    """The effect of a version on the book.

    Attributes:
        cash: Cash by delivery day, before and after, as of `ChangeSums`.
        corrected: Sides that it changed, also those of quarantined rows, whose other side is another execution's.
        restored: Trades that were withdrawn and are back.
        added: It booked trades of complete days.
    """

    cash: Mapping[date, tuple[int, int]] = MappingProxyType({})
    corrected: int = 0
    restored: int = 0
    added: bool = False


_UNBOOKED: Final = {
    FileState.REJECTED: (Kind.REJECTED, "was rejected; nothing of it was booked"),
    FileState.HELD: (Kind.HELD, "is held until somebody accepts it; nothing of it was booked"),
    FileState.WAITING: (Kind.REJECTED, "cannot be read as its feed is set up"),
}


def outcome_notices(
    receipt: Receipt,
    quarantine: Sequence[QuarantinedRow],
    now: datetime,
    *,
    was_missed: bool = False,
    changed: BookChanges | None = None,
    unset: bool = False,
) -> tuple[Notice, ...]:
    """Return the notices about a version whose import ended, or that the settings do not let be read (`unset`)."""
    notices, changed = [], changed or BookChanges()
    if unset or receipt.state in {FileState.REJECTED, FileState.HELD}:
        kind, what = _UNBOOKED[receipt.state]
        notices.append(_of(kind, receipt, what, quarantine if kind is Kind.REJECTED else (), now))
    if receipt.state in BOOKED_STATES:
        if was_missed:
            notices.append(recovered_notice(receipt, now))
        if receipt.quarantined:
            notices.append(_of(Kind.QUARANTINED, receipt, "has rows that are no valid trades", quarantine, now))
        if receipt.corrected or changed.corrected or changed.added or receipt.unconfirmed:
            notices.append(corrected_notice(receipt, changed, now))
        if receipt.to_notify:
            warnings = [f"Note: {warning}." for warning in receipt.to_notify]
            notices.append(_of(Kind.WARNING, receipt, "is imported; please check it", (), now, warnings))
    return tuple(notices)


def corrected_notice(receipt: Receipt, changed: BookChanges, now: datetime) -> Notice:
    restored, corrected = changed.restored, max(receipt.corrected, changed.corrected)
    what = "does not have trades that are booked" if receipt.unconfirmed else "books trades that were missing before"
    what = "changes trades that were booked" if corrected else what
    what = "puts back trades that were withdrawn" if restored and restored == corrected else what
    were = "1 trade that was withdrawn is" if restored == 1 else f"{restored} trades that were withdrawn are"
    back = [f"{were} back in the book."] if restored else []
    return _of(Kind.CORRECTED, receipt, what, (), now, [*back, *_figures(changed.cash)])


def withdrawn_notice(receipt: Receipt, changed: Mapping[date, tuple[int, int]], now: datetime) -> Notice:
    what = f"was accepted; {counted(receipt.withdrawn, 'trade')} taken out of the book"
    return _of(Kind.WITHDRAWN, receipt, what, (), now, _figures(changed))


def recovered_notice(receipt: Receipt, now: datetime) -> Notice:
    return _of(Kind.RECOVERED, receipt, "is imported after all", (), now)


def restored_notice(receipt: Receipt, trades: int, now: datetime) -> Notice:
    return _of(Kind.RESTORED, receipt, f"was imported again; {counted(trades, 'trade')} as in the file again", (), now)


def _figures(changed: Mapping[date, tuple[int, int]]) -> list[str]:
    days = changed.items()
    return [f"Delivery day {day}: {eur(before)} EUR before, {eur(after)} EUR now." for day, (before, after) in days]


def prices_notice(
    key: str, file: FileDay, version: int, reason: str, rows: Sequence[QuarantinedRow], now: datetime
) -> Notice:
    """Return the notice that a price file was rejected; `version` counts its processed versions.

    It is 0 for a file that waits for its feed to be set up.
    """
    advice = "The right file under the same name is imported at once." if version else _SET_UP
    lines = [
        f"{key} cannot be used; none of its prices was taken.",
        f"Reason: {reason}.",
        *_places(rows),
        "The prices that were known before still count; hours without one have no edge in reports.",
        f"{advice} To see the prices: voltbook prices list",
    ]
    return _notice(Kind.PRICES, file, version, f"the prices in {key} cannot be used", lines, now)


_MEANWHILE: Final = {
    Kind.RECOVERED: "Reports include it.",
    Kind.REJECTED: "{reports} show this file as missing.",
    Kind.HELD: "{reports} show this file as missing until it is accepted or replaced.",
    Kind.QUARANTINED: "{reports} are provisional: they are without the rows named above.",
    Kind.CORRECTED: "Reports show the corrected trades.",
    Kind.WITHDRAWN: "Their history stays, and a file that has them puts them back.",
    Kind.RESTORED: "Reports include them.",
    Kind.WARNING: "Reports include it.",
}
_EARLIER_TERMS: Final = (
    "{reports} are provisional: trades of the rows named above stay as an earlier version booked them, if it did."
)
_STANDING: Final = "{reports} show what an earlier version booked, and say provisional."
_NOT_ITS_DAY: Final = "{reports} are provisional."
_MISSING: Final = "The trades that it does not have stay booked until somebody accepts that; reports say provisional."
_SHOW: Final = "To see every row and reason: voltbook files show {file}"
_COMMAND: Final = {
    Kind.HELD: "If it is the wrong file, put the right one in its place under the same name. "
    "If it is right, see what would change and agree: voltbook files accept {file}",
    Kind.QUARANTINED: f"{_SHOW}. If the rows are to stay out: voltbook files accept {{file}}",
    Kind.CORRECTED: "To see what changed: voltbook files show {file}",
    Kind.REJECTED: "To see why: voltbook files show {file}. The right file under the same name is imported at once.",
}
_ONLY_A_FOOTER: Final = (
    f"{_SHOW}. If its last line is a footer and the file is empty: voltbook files accept {{file}} --footer. "
    "If not, put the right file in its place under the same name"
)
_ACCEPT: Final = "To take out the trades that the file does not have: voltbook files accept {file}"


def _of(
    kind: Kind, receipt: Receipt, what: str, rows: Sequence[QuarantinedRow], now: datetime, details: Sequence[str] = ()
) -> Notice:
    reason, file = receipt.reason, receipt.file
    lines = [
        f"Version {receipt.version} of {receipt.key} {what}.",
        *([f"Reason: {reason}{'' if reason.endswith(('?', '.')) else '.'}"] if reason else []),
        *([_counts(receipt)] if receipt.state in BOOKED_STATES else []),
        *_places(rows),
        *details,
        *(sentence.format(reports=_reports(file), file=_arguments(file)) for sentence in _advice(kind, receipt)),
    ]
    return _notice(kind, file, receipt.version, f"{_title(file)} {what}", lines, now)


def _counts(receipt: Receipt) -> str:
    unconfirmed = receipt.unconfirmed
    enriched = f" ({receipt.enriched} enriched)" if receipt.enriched else ""
    missing = f"; {counted(unconfirmed, 'booked trade')} missing from it" if unconfirmed else ""
    return (
        f"{receipt.rows} {'row' if receipt.rows == 1 else 'rows'}: "
        f"{receipt.booked} booked, {receipt.already_there} already there{enriched}, "
        f"{receipt.corrected} corrected, {receipt.quarantined} quarantined{missing}."
    )


def _advice(kind: Kind, receipt: Receipt) -> list[str]:
    # No advice may take out a trade that a newest file has.
    meanwhile = _MEANWHILE[kind]
    if receipt.state is FileState.WAITING:
        return [_STANDING if receipt.standing_version else meanwhile, _SET_UP]
    if kind in {Kind.REJECTED, Kind.HELD} and receipt.standing_version:
        meanwhile = _STANDING
    if kind is Kind.WARNING and not receipt.stands_for_its_day:
        meanwhile = _NOT_ITS_DAY
    if kind is Kind.QUARANTINED and receipt.version > 1:
        meanwhile = _EARLIER_TERMS
    if kind is Kind.QUARANTINED and not receipt.usable:
        meanwhile = _MEANWHILE[Kind.REJECTED]
    missing = kind is Kind.CORRECTED and receipt.unconfirmed
    advice = [meanwhile] if kind is not Kind.CORRECTED or receipt.corrected else []
    footer_only = kind is Kind.QUARANTINED and receipt.has_no_good_row
    command = _ONLY_A_FOOTER if footer_only else _COMMAND.get(kind, _SHOW)
    return [*advice, _MISSING, command, _ACCEPT] if missing else [*advice, command]


def _places(rows: Sequence[QuarantinedRow]) -> list[str]:
    lines: dict[str, list[int]] = {}
    for row in rows:
        lines.setdefault(row.problems_without_values, []).append(row.line)
    groups = list(lines.items())
    rest = sum(len(places) for _, places in groups[SHOWN_ROWS:])
    more = [f"... and {rest} more."] if rest else []
    return [*(f"  {_lines(places)}: {problems}" for problems, places in groups[:SHOWN_ROWS]), *more]


def _lines(lines: Sequence[int]) -> str:
    more = f" and {len(lines) - SHOWN_LINES} more" if len(lines) > SHOWN_LINES else ""
    shown_lines = ", ".join(map(str, lines[:SHOWN_LINES]))
    return f"line {lines[0]}" if len(lines) == 1 else f"lines {shown_lines}{more}"


def _notice(kind: Kind, file: FileDay, version: int, subject: str, lines: Sequence[str], now: datetime) -> Notice:
    next_check = f"The next poll is at {on_both_clocks(next_poll(now))}."
    return new_notice(kind, file.day, version, subject, [*lines, next_check], now, feed=file.feed)
