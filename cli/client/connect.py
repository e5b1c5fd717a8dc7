"""Which book: the local stack's, a deployed stage's, or one behind an API; found, named on stderr, opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from cli.client.interface import OpenBook
from cli.profiles import ConnectionOptions, settled
from cli.terminal import say

LOCAL: Final = "local"
_STAGE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,19}", re.ASCII)


@contextmanager
def opened(connection: ConnectionOptions) -> Iterator[OpenBook]:
    """Open the book that was asked for; raises UsageError, or NotThere with what to do."""
    place = settled(connection)
    if place.api is not None:
        with _over_http(place.api, place.user) as book:
            yield book
        return
    if connection.user_is_option:
        raise click.UsageError("--user goes with --api")
    name = LOCAL if place.book is None else place.book
    yield _local() if name == LOCAL else _deployed(name)


def refuse_over_http(connection: ConnectionOptions, why: str) -> None:
    """Raise UsageError for a book behind HTTP, before anybody is asked for its password."""
    if settled(connection).api is not None:
        raise click.UsageError(f"{why}: use --book with the stage's name (or local) in place of --api")


@contextmanager
def _over_http(address: str, user: str | None) -> Iterator[OpenBook]:
    from cli.client.http_client import HttpBook, base_of, connected
    from cli.passwords import ask_login

    api = base_of(address)
    if not user:
        raise click.UsageError("--api needs a login: add --user NAME or set VOLTBOOK_USER")
    say(f"book: {api} as {user}")
    with connected(user, ask_login(api, user)) as session:
        yield HttpBook(api, session)


def _local() -> OpenBook:
    from cli.client.local_stack import enter_local_stack
    from cli.client.service_client import DirectBook

    say(f"book: local ({enter_local_stack()})")
    return DirectBook()


def _deployed(stage: str) -> OpenBook:
    from cli.client.service_client import DirectBook
    from cli.client.stage import enter_stage, name_bucket_and_topic

    if not _STAGE.fullmatch(stage):
        raise click.BadParameter(
            f"must be local or a stage of lower-case letters, digits and dashes, got {stage!r}",
            param_hint="--book",
        )
    say(f"book: {stage} ({enter_stage(stage)})")
    return DirectBook(before_desk=lambda: name_bucket_and_topic(stage))
