"""What a person is asked before trades that the exchange no longer has leave the book."""

from __future__ import annotations

from chalicelib.domain.receipt import BOOKED_STATES, FileState, Receipt


def question(newest: Receipt | None) -> str | None:
    """Give the question, with what would be withdrawn; None where there is nothing to withdraw."""
    if newest is None:
        return None
    if newest.state is FileState.HELD:
        return f"Version {newest.version} is held: {newest.reason}. Import it and withdraw every trade that it lacks?"
    if newest.state in BOOKED_STATES and newest.withdrawn and newest.confirmed_at is None:
        trades = "1 trade" if newest.withdrawn == 1 else f"{newest.withdrawn} trades"
        return f"Withdraw {trades} that version {newest.version} of the file of {newest.file_day} lacks?"
    return None
