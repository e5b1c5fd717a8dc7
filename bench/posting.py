"""Posting trades over HTTP, one client and eight, beside a bare route and beside an engine without its guard."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from bench import book
from bench.clients import posted_a_second
from bench.pairs import Pace, Result, Target, at_least, compared, told
from bench.serving import Served
from infra.local.engines import new_key

POSTS: Final = 240
FAST_POSTS: Final = 16


def measure(pace: Pace) -> list[Result]:
    """Post so many a round to each."""
    return [*_beside_bare(pace), *_through_the_guard(pace)]


def _beside_bare(pace: Pace) -> list[Result]:
    with (
        tempfile.TemporaryDirectory() as folder,
        book.engine(Path(folder)),
        Served("bare", "bare") as bare,
        Served("ours", "ours") as ours,
    ):
        what = "a bare waitress and LocalGateway route with one such transaction"
        return [_posted("", clients, at_least(0.7), (what, bare), ours, pace) for clients in (1, 8)]


def _through_the_guard(pace: Pace) -> list[Result]:
    with (
        tempfile.TemporaryDirectory() as folder,
        book.engine(Path(folder) / "open"),
        Served("ours", "ours") as without,
        book.engine(Path(folder) / "guarded", new_key()),
        Served("ours", "ours") as guarded,
    ):
        what = "the same without the guard"
        return [
            _posted(", through the guard", clients, at_least(0.95), (what, without), guarded, pace)
            for clients in (1, 8)
        ]


def _posted(how: str, clients: int, target: Target, baseline: tuple[str, Served], ours: Served, pace: Pace) -> Result:
    posts = pace.of(POSTS, FAST_POSTS)
    what, bare = baseline
    return compared(
        f"POST /v1/trades, {clients} client{'s' * (clients > 1)}{how}",
        "requests/s",
        target,
        (what, partial(posted_a_second, bare.url, posts, clients)),
        partial(posted_a_second, ours.url, posts, clients),
        pace,
    )


if __name__ == "__main__":
    told(measure)
