"""The sets of reference prices: auctions, indices, imbalance prices, and the desk's own prices."""

from __future__ import annotations

from typing import Final

DESK: Final = "desk"
"""The prices of `/v1` and of files of reference prices."""
SETS: Final = {
    "da": "day-ahead auction",
    "ida1": "first intraday auction",
    "ida2": "second intraday auction",
    "ida3": "third intraday auction",
    "id1": "intraday index of the last hour",
    "id3": "intraday index of the last three hours",
    "idfull": "intraday index of all trading",
    "rebap_short": "imbalance price of a short balancing group",
    "rebap_long": "imbalance price of a long balancing group",
    "vwap_full": "own average of all trading",
    "vwap_180_30": "own average from 180 to 30 minutes before delivery",
    "vwap_60_30": "own average from 60 to 30 minutes before delivery",
    DESK: "the desk's own prices",
}
DEFAULT_SETS: Final = ("id3", "vwap_180_30", "da", DESK)
"""The order of a valuation: the first set that has a slot counts."""
