"""Posting trades over HTTP, one client and eight, beside a bare route that makes one such transaction."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from bench import book
from bench.clients import posted_a_second
from bench.pairs import Pace, Result, at_least, compared, told
from bench.serving import Served

POSTS: Final = 240
FAST_POSTS: Final = 16


def measure(pace: Pace) -> list[Result]:
    """Post so many a round to each."""
    posts = pace.of(POSTS, FAST_POSTS)
    with (
        tempfile.TemporaryDirectory() as folder,
        book.engine(Path(folder)),
        Served("bare", "bare") as bare,
        Served("ours", "ours") as ours,
    ):
        return [
            compared(
                f"POST /v1/trades, {clients} client{'s' * (clients > 1)}",
                "requests/s",
                at_least(0.7),
                (
                    "a bare waitress and LocalGateway route with one such transaction",
                    partial(posted_a_second, bare.url, posts, clients),
                ),
                partial(posted_a_second, ours.url, posts, clients),
                pace,
            )
            for clients in (1, 8)
        ]


if __name__ == "__main__":
    told(measure)
