"""A kill before and after every single call to AWS, then a rerun: all ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.imports.context import LEASE
from chalicelib.trades import bootstrap as trades_bootstrap
from tests.durability.kills import Killed, Life, living
from tests.durability.places import Place
from tests.durability.scenes import SCENES, WINDOW, Scene


@pytest.fixture(scope="module")
def place_numbers() -> Iterator[int]:
    return iter(range(10_000))


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_a_kill_at_any_call_and_a_rerun_end_like_an_undisturbed_run(
    scene: Scene, durable_tables: str, place_numbers: Iterator[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.imports.import_run.WINDOW", WINDOW)
    trades_bootstrap.book()
    first = Place(next(place_numbers))  # only the first file of a book is noted as such
    scene.prepare(first)
    _lived(scene, first, Life())
    undisturbed = Place(next(place_numbers))
    scene.prepare(undisturbed)
    life = _lived(scene, undisturbed, Life())
    assert life.calls, "no call was seen"
    expected = undisturbed.outcome()
    scene.assert_ended_well(undisturbed, expected, "undisturbed", deaths=0)
    assert tuple(sorted(notice.kind for notice in undisturbed.told())) == scene.told

    # To die after a call is to die before the next one; only after the last there is no next.
    for call, after in [*((call, False) for call in range(life.calls)), (life.calls - 1, True)]:
        place = Place(next(place_numbers))
        scene.prepare(place)
        with pytest.raises(Killed):
            _lived(scene, place, Life(call, after=after))
        place.clock.time += LEASE
        _lived(scene, place, Life())
        scene.assert_ended_well(place, expected, f"killed {'after' if after else 'before'} call {call}", deaths=1)


def _lived(scene: Scene, place: Place, life: Life) -> Life:
    with living(life):
        scene.act(place, life)
    return life
