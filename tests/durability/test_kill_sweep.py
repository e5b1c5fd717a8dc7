"""A kill before and after every single call to AWS, then a rerun: all ends as if nothing had happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from chalicelib import wiring
from chalicelib.domain.caller import Caller, Role
from chalicelib.domain.watch import late_from
from chalicelib.services.booking import book_trade
from chalicelib.services.confirming import confirm_withdrawn
from chalicelib.services.desk import LEASE
from chalicelib.services.importing import import_daily_file
from chalicelib.services.watching import look
from tests.durability.kills import Killed, Life, living
from tests.durability.places import ROWS, Place


def _first_version(place: Place) -> None:
    book_trade(place.trade(3, price=7), Caller("admin", Role.ADMIN), wiring.book(), place.clock)
    place.put([place.trade(number) for number in range(ROWS)], "bad")


def _second_version(place: Place) -> None:
    _first_version(place)
    import_daily_file(place.day, place.desk(Life()))
    corrected = [place.trade(number, price=100 + (number % 5 == 0)) for number in range(2, ROWS)]
    place.put([*corrected, place.trade(ROWS)])


def _confirmation(place: Place) -> None:
    _second_version(place)
    import_daily_file(place.day, place.desk(Life()))


def _held(place: Place) -> None:
    _first_version(place)
    import_daily_file(place.day, place.desk(Life()))
    place.put([place.trade(number) for number in range(11)])
    import_daily_file(place.day, place.desk(Life()))


def _late_night(place: Place) -> None:
    place.clock.time = late_from(place.day)
    look(place.desk(Life()))
    _first_version(place)
    place.clock.time += timedelta(minutes=30)


def _import(place: Place, life: Life) -> None:
    import_daily_file(place.day, place.desk(life))


def _look(place: Place, life: Life) -> None:
    look(place.desk(life))


def _confirm(place: Place, life: Life) -> None:
    confirm_withdrawn(place.day, "anna", place.desk(life))


def _late_look(place: Place, life: Life) -> None:
    place.clock.time = max(place.clock.time, late_from(place.day))
    look(place.desk(life))


def _book(place: Place, life: Life) -> None:
    book_trade(place.trade(1), Caller("admin", Role.ADMIN), wiring.book(), place.clock)


SCENES: dict[str, tuple[Callable[[Place], None], Callable[[Place, Life], None], list[str]]] = {
    "a posted trade": (lambda _: None, _book, []),
    "a first version": (_first_version, _import, ["corrected", "quarantined"]),
    "a second version": (_second_version, _import, ["corrected", "corrected", "quarantined"]),
    "a version that was held, confirmed": (_held, _confirm, ["corrected", "corrected", "held", "quarantined"]),
    "a confirmation": (_confirmation, _confirm, ["corrected", "corrected", "quarantined"]),
    "a look at a file that is late": (lambda _: None, _late_look, ["late"]),
    "a look at a late file's arrival": (_late_night, _look, ["corrected", "late", "quarantined", "recovered"]),
}


@pytest.fixture(scope="module")
def places() -> Iterator[int]:
    return iter(range(10_000))


@pytest.mark.parametrize("scene", SCENES)
def test_a_kill_at_any_call_and_a_rerun_end_like_an_undisturbed_run(
    scene: str, durable_tables: str, places: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.services.rows.WINDOW", 6)
    wiring.book()
    prepare, act, told = SCENES[scene]
    undisturbed = Place(next(places))
    prepare(undisturbed)
    life = _lived(act, undisturbed, Life())
    assert life.calls, "no call was seen"
    expected = undisturbed.outcome()
    undisturbed.assert_positions_are_the_sum_of_trades()
    assert sorted(notice.kind for notice in wiring.outbox().of([undisturbed.day])) == told
    assert len(undisturbed.notices.sent) == len(told)

    # To die after a call is to die before the next one; only after the last there is no next.
    for call, after in [*((call, False) for call in range(life.calls)), (life.calls - 1, True)]:
        place = Place(next(places))
        prepare(place)
        with pytest.raises(Killed):
            _lived(act, place, Life(call, after=after))
        place.clock.time += LEASE
        _lived(act, place, Life())
        where = f"{scene}: killed {'after' if after else 'before'} call {call}"
        assert place.outcome() == expected, where
        place.assert_positions_are_the_sum_of_trades()
        heard = Counter(subject for subject, _ in place.notices.sent)
        assert len(heard) == len(set(told)), where
        assert sum(heard.values()) - len(told) in {0, 1}, where


def _lived(act: Callable[[Place, Life], None], place: Place, life: Life) -> Life:
    with living(life):
        act(place, life)
    return life
