"""Setting the fee rates."""

from __future__ import annotations

from chalicelib.access.identity import Identity
from chalicelib.common.clock import Clock
from chalicelib.fees.model import FeeTable
from chalicelib.fees.store import Fees


def set_fees(new: FeeTable, caller: Identity, fees: Fees, clock: Clock) -> FeeTable:
    """Replace all rates and return them as stored. Repeating a request changes nothing.

    Raises:
        NotAllowed: the caller is no admin.
        ChangedMeanwhile: the stored rates have another revision than `new`.
    """
    caller.require_fees()
    return fees.replace(new, caller.name, clock.now())
