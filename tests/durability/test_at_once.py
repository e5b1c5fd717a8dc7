"""Many at once, and weather on the way to AWS: on the durable engine, all ends like one undisturbed run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.common.errors import ImportUnderWay
from chalicelib.feeds.feed import file_name
from chalicelib.imports.context import LEASE, ImportContext
from chalicelib.imports.polling import arrived, poll
from chalicelib.imports.service import import_daily_file
from chalicelib.trades import bootstrap as trades_bootstrap
from tests.durability.kills import Life
from tests.durability.places import ROWS, Outcome, Place
from tests.fakes.dynamodb_faults import Fault, cancelled, injected, lost_reply, lost_request, refusal
from tests.fixtures.conflicts import WITH_CONFLICTS
from tests.fixtures.deadlines import late_from

pytestmark = WITH_CONFLICTS
TOLD = ["changes trades that were booked", "has rows that are no valid trades"]


@pytest.fixture(scope="module")
def place_numbers() -> Iterator[int]:
    return iter(range(1_000))


@pytest.fixture(autouse=True)
def small_windows_and_waits(durable_tables: str, quick_retries: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", 4)
    trades_bootstrap.book()


def delivered(number: int) -> Place:
    """A day with two versions: the first imported, the second put."""
    place = Place(number)
    place.put([place.trade(row) for row in range(ROWS)], "bad")
    import_daily_file(place.day, import_context_of(place))
    place.put([place.trade(row, price=100 + (row % 5 == 0)) for row in range(2, ROWS + 1)])
    return place


def import_context_of(place: Place, owner: str = "test") -> ImportContext:
    return replace(place.desk(Life()), owner=owner, in_flight=4)


def undisturbed(place: Place) -> Outcome:
    import_daily_file(place.day, import_context_of(place))
    place.assert_positions_are_the_sum_of_trades()
    return place.outcome()


def heard(place: Place) -> list[str]:
    return sorted(subject.partition(f"{place.day} ")[2] for subject, _ in place.notices.sent)


def look_as(owner: str, place: Place) -> None:
    """Look as EventBridge would let us: where another run is at it, that one does the work."""
    with suppress(ImportUnderWay):
        poll(import_context_of(place, owner))


def arrive_as(owner: str, place: Place) -> None:
    """Hear of the arrival; where another run is at it the event would be told again later."""
    with suppress(ImportUnderWay):
        arrived(file_name(place.day), import_context_of(place, owner))


def test_two_looks_and_two_events_at_the_same_instant_end_like_one(place_numbers: Iterator[int]) -> None:
    expected = undisturbed(delivered(next(place_numbers)))
    for _ in range(5):
        place = delivered(next(place_numbers))
        with ThreadPoolExecutor(4) as pool:
            pool.map(look_as, ["look 1", "look 2"], [place] * 2)
            pool.map(arrive_as, ["event 1", "event 2"], [place] * 2)
        look_as("next look", place)
        assert place.outcome() == expected
        place.assert_positions_are_the_sum_of_trades()
        assert heard(place) == TOLD


def test_a_run_with_a_stale_lease_writes_no_receipt_and_doubles_nothing(
    place_numbers: Iterator[int],
) -> None:
    expected = undisturbed(delivered(next(place_numbers)))
    place = delivered(next(place_numbers))
    awake = import_context_of(place, "awake")

    class Slept:
        """The zombie's clock: after its first window it sleeps, and another run does all the work meanwhile."""

        calls = 0

        def __call__(self) -> timedelta:
            self.calls += 1
            if self.calls == 1:
                place.clock.time += LEASE
                import_daily_file(place.day, awake)
            return timedelta.max

    zombie = replace(import_context_of(place, "zombie"), time_left=Slept())
    with pytest.raises(ImportUnderWay):
        import_daily_file(place.day, zombie)
    assert place.outcome() == expected
    place.assert_positions_are_the_sum_of_trades()
    assert heard(place) == TOLD


def test_looks_at_the_same_instant_tell_a_late_file_once(place_numbers: Iterator[int]) -> None:
    place = Place(next(place_numbers))
    place.clock.time = late_from(place.day)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: poll(import_context_of(place, str(number))), range(4)))
    assert Counter(heard(place)) == {"is late": 1}


@pytest.mark.parametrize(
    ("fault", "on_single_writes"),
    [
        (cancelled("TransactionConflict"), refusal("TransactionConflictException")),
        (cancelled("ThrottlingError"), refusal("ThrottlingException")),
        (refusal("ThrottlingException"), refusal("ProvisionedThroughputExceededException")),
        (refusal("InternalServerError", 500), refusal("ServiceUnavailable", 503)),
        (lost_request, lost_request),
        (lost_reply, lost_reply),
    ],
)
def test_weather_at_every_other_write_changes_nothing(
    place_numbers: Iterator[int], fault: Fault, on_single_writes: Fault
) -> None:
    expected = undisturbed(delivered(next(place_numbers)))
    place = delivered(next(place_numbers))
    with (
        injected("TransactWriteItems", *[fault, None] * 30),
        injected("UpdateItem", *[on_single_writes, None] * 30),
        injected("PutItem", *[None, on_single_writes] * 30),
    ):
        import_daily_file(place.day, import_context_of(place))
    assert place.outcome() == expected
    place.assert_positions_are_the_sum_of_trades()
    assert heard(place) == TOLD
