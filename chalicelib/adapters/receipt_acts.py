"""What the audit holds of an act on a daily file, read from the receipt that the act made."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.audit import Act, Deed, Entry
from chalicelib.domain.receipt import FileState, Receipt


def act_on(receipt: Receipt, by: str, now: datetime) -> Entry:
    """Return the newest of the acts of which the receipt keeps a time; with no time, that a held file was accepted."""
    on, accepted_at, confirmed_at = receipt.file_day.isoformat(), receipt.accepted_at, receipt.confirmed_at
    if accepted_at is not None and accepted_at >= (confirmed_at or ""):
        accepted = {"version": receipt.version, "state": receipt.state.value, "quarantined": receipt.quarantined}
        before, after = accepted | {"accepted_at": None}, accepted | {"accepted_at": accepted_at}
        before["state"] = None if receipt.state is FileState.ABSENT else FileState.PROVISIONAL.value
        return Entry(Deed(by, Act.FILE_ACCEPTED, on), datetime.fromisoformat(accepted_at), before, after)
    if confirmed_at is None:
        held = {"version": receipt.version, "state": FileState.HELD.value}
        return Entry(Deed(by, Act.FILE_LET_IN, on), now, held, held | {"state": receipt.state.value})
    withdrawn = {"version": receipt.version, "withdrawn": receipt.withdrawn}
    before, after = withdrawn | {"confirmed_at": None}, withdrawn | {"confirmed_at": confirmed_at}
    return Entry(Deed(by, Act.WITHDRAWAL_CONFIRMED, on), datetime.fromisoformat(confirmed_at), before, after)
