"""Saying and listing reference prices."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import InvalidRequest, NotAllowed
from chalicelib.prices.model import ReferencePrice
from chalicelib.prices.service import PriceCounts, list_prices, set_prices
from tests.fakes.clock import FakeClock
from tests.fakes.prices import FakePrices

ADMIN = Identity("ada", Role.ADMIN)
DAY = date(2023, 3, 4)
GIVEN = [ReferencePrice(DAY, 13, 5000), ReferencePrice(DAY, 2, -5)]


def test_the_same_prices_again_change_nothing_and_other_ones_are_counted() -> None:
    prices, clock = FakePrices(), FakeClock()
    assert set_prices(GIVEN, ADMIN, prices, clock) == PriceCounts(received=2, changed=2)
    assert set_prices(GIVEN, ADMIN, prices, clock).as_json() == {"received": 2, "changed": 0, "unchanged": 2}
    assert prices.writes == 1
    clock.time = datetime(2023, 3, 5, 13, tzinfo=UTC)
    assert set_prices([ReferencePrice(DAY, 2, -6), GIVEN[0]], ADMIN, prices, clock) == PriceCounts(2, 1)


@pytest.mark.parametrize("caller", [Identity("desk", Role.DESK), Identity("t", Role.TRADER, "t")])
def test_a_trader_and_the_desk_set_no_prices(caller: Identity) -> None:
    prices = FakePrices()
    with pytest.raises(NotAllowed, match="not yours to set"):
        set_prices(GIVEN, caller, prices, FakeClock())
    assert prices.series == {}


def test_prices_are_listed_in_order_of_delivery_by_default_yesterday_s() -> None:
    prices, clock = FakePrices(), FakeClock()
    before = ReferencePrice(date(2023, 3, 3), 7, 1)
    set_prices([*GIVEN, before], Identity("in", Role.IMPORTER), prices, clock)
    assert list_prices(None, None, prices, clock) == [GIVEN[1], GIVEN[0]]
    assert list_prices(before.delivery_day, DAY, prices, clock) == [before, GIVEN[1], GIVEN[0]]
    assert list_prices(None, before.delivery_day, prices, clock) == [before]
    with pytest.raises(InvalidRequest, match="backwards"):
        list_prices(DAY, before.delivery_day, prices, clock)
