"""Rebuilding: positions are put right from the trades, one by one, and no report sees a wrong one on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chalicelib.admin.integrity_check import compare
from chalicelib.admin.store import BookScan
from chalicelib.common.errors import Unavailable

ROUNDS: Final = 10
"""How often it begins anew where others book into what it mends."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was mended, a sentence a position."""

    positions: int
    mended: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Give it as the CLI shows it."""
        return {"positions": self.positions, "mended": list(self.mended)}


def rebuild_positions(ledger: BookScan, by: str) -> Rebuilt:
    """Put every position right that is not the sum of its trades; raises Unavailable where that does not come to rest.

    Each is replaced on condition that it still is what was compared: a trade that is booked meanwhile moves it, the
    condition fails, and the next round compares anew. So it is at each moment what it was, or right.
    """
    mended: list[str] = []
    for _ in range(ROUNDS):
        _, wrong, count = compare(ledger)
        if not wrong:
            return Rebuilt(count, tuple(mended))
        mended += [str(one) for one in wrong if ledger.mend(one.key, one.held, one.right, by)]
    message = "positions are being written faster than they can be compared; try again when it is quieter"
    raise Unavailable(message)
