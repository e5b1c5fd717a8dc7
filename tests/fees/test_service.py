"""Who may set the fee rates."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.access.identity import Identity, Role
from chalicelib.common.errors import NotAllowed
from chalicelib.fees.model import FeeRate, FeeTable, Kind
from chalicelib.fees.service import set_fees
from tests.fakes.clock import FakeClock
from tests.fakes.fees import FakeFees

NEW = FeeTable((FeeRate("epex", Kind.TRADING, date(2026, 1, 1), 750),))


def test_an_admin_sets_the_fees() -> None:
    fees = FakeFees()
    assert set_fees(NEW, Identity("ada", Role.ADMIN), fees, FakeClock()) == FeeTable(NEW.rates, 1)
    assert fees.by == ["ada"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_else_sets_them(role: Role) -> None:
    fees = FakeFees()
    with pytest.raises(NotAllowed):
        set_fees(NEW, Identity("eve", role, "eve"), fees, FakeClock())
    assert fees.table() == FeeTable()
