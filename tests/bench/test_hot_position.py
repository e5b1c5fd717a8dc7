"""The simulation of a hot position, and the table in docs/reference/scale.md that it wrote."""

from __future__ import annotations

import pytest

from bench.contention import SIMULATED, table
from bench.hot_position import ROUND_TRIP, Load, Simulation, simulated
from chalicelib.access.http import API_SECONDS
from chalicelib.positions.model import PARTS
from infra import ROOT


def test_a_post_alone_takes_its_transaction_and_the_way() -> None:
    outcome = Simulation(0.01).run(iter([5.0]))
    assert outcome.booked == [pytest.approx(0.01 + ROUND_TRIP)]
    assert (outcome.refused, outcome.attempts) == ([], 1)


def test_of_two_posts_at_once_one_is_cancelled_and_booked_later() -> None:
    outcome = Simulation(0.01).run(iter([5.0, 5.0]))
    assert len(outcome.booked) == 2
    assert outcome.booked[1] >= 0.01 + 2 * ROUND_TRIP - 1e-9
    assert outcome.attempts > 2


def test_a_part_takes_one_transaction_at_a_time_and_refuses_in_time() -> None:
    outcome = simulated(Load(60, 500, seconds=30))
    assert len(outcome.booked) <= PARTS * (30 + API_SECONDS) / 0.5
    assert outcome.refused
    assert max(outcome.refused) < API_SECONDS


def test_the_table_in_the_docs_is_what_the_simulation_gives() -> None:
    lines = table({load: simulated(load) for load in SIMULATED})
    assert lines in (ROOT / "docs" / "reference" / "scale.md").read_text("utf-8")
