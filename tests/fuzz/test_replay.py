"""Every seed and some thousand neighbours of each kind, the same every time: refused or read, never an accident."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.targets import LONGEST, SEEDS, TARGETS

NEIGHBOURS = 1_500


def neighbour(dice: Random, seeds: tuple[bytes, ...]) -> bytes:
    """A seed with some bytes changed, doubled, lost, or two seeds spliced."""
    data = bytearray(dice.choice(seeds)[:2_000])
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(data) + 1)
        kind = dice.randrange(4)
        if kind == 0:
            data[place : place + 1] = bytes([dice.randrange(256)])
        elif kind == 1:
            data[place:place] = data[: dice.randrange(40)]
        elif kind == 2:
            del data[place : place + dice.randrange(1, 30)]
        else:
            data[place:] = dice.choice(seeds)[place : place + 500]
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_read_or_refused(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", TARGETS)
def test_every_neighbour_of_a_seed_is_read_or_refused(name: str) -> None:
    dice = Random(8)
    for _ in range(NEIGHBOURS):
        data = neighbour(dice, SEEDS[name])
        try:
            TARGETS[name](data)
        except Exception as broken:  # noqa: BLE001 - whatever it is, the input that made it is what is asked for
            pytest.fail(f"{name}: {data[:LONGEST]!r} made {broken!r}")
