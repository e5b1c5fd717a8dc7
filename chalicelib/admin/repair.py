"""Repair of positions from the trades, without a wrong intermediate value in any report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from chalicelib.admin.integrity_check import compare
from chalicelib.admin.store import BookScan
from chalicelib.common.errors import Unavailable

ROUNDS: Final = 10
"""How often positions are compared again while others book into them."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    positions: int
    mended: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def rebuild_positions(scan: BookScan, by: str) -> Rebuilt:
    """Repair every position that is not the sum of its trades. Raise Unavailable if trades are booked too fast.

    Each is replaced on condition that it is still as compared; if a trade was booked meanwhile, the next round compares
    again.
    """
    mended: list[str] = []
    for _ in range(ROUNDS):
        _, wrong, count = compare(scan)
        if not wrong:
            return Rebuilt(count, tuple(mended))
        mended += [str(each) for each in wrong if scan.mend(each.key, each.found, each.right, by)]
    raise Unavailable("positions are being written faster than they can be compared; try again when it is quieter")
