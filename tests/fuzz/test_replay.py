"""Every seed and some thousand neighbours of each kind, the same every time: refused or read, never an accident."""

from __future__ import annotations

from random import Random

import pytest

from tests.fuzz.targets import LONGEST, SEEDS, TARGETS

NEIGHBOURS = 1_500


def neighbour(rng: Random, seeds: tuple[bytes, ...]) -> bytes:
    """A seed with some bytes changed, doubled, lost, or two seeds spliced."""
    data = bytearray(rng.choice(seeds)[:2_000])
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(data) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            data[place : place + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            data[place:place] = data[: rng.randrange(40)]
        elif kind == 2:
            del data[place : place + rng.randrange(1, 30)]
        else:
            data[place:] = rng.choice(seeds)[place : place + 500]
    return bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_read_or_refused(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


@pytest.mark.parametrize("name", TARGETS)
def test_every_neighbour_of_a_seed_is_read_or_refused(name: str) -> None:
    rng = Random(8)
    for _ in range(NEIGHBOURS):
        data = neighbour(rng, SEEDS[name])
        try:
            TARGETS[name](data)
        except Exception as broken:  # noqa: BLE001 - whatever it is, the input that made it is what is asked for
            pytest.fail(f"{name}: {data[:LONGEST]!r} made {broken!r}")
