"""Opens the chosen book: the local stack's, a deployed stage's, or one behind an API; its name goes to stderr."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from cli.profiles import ConnectionOptions, resolve
from cli.terminal import say

if TYPE_CHECKING:
    from cli.client.operations import Client

LOCAL: Final = "local"
_STAGE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,19}", re.ASCII)


@contextmanager
def opened(connection: ConnectionOptions) -> Iterator[Client]:
    place = resolve(connection)
    if place.api is not None:
        with _over_http(place.api, place.user) as book:
            yield book
        return
    if connection.user_is_option:
        raise click.UsageError("--user requires --api")
    name = LOCAL if place.book is None else place.book
    yield _local() if name == LOCAL else _deployed(name)


def refuse_over_http(connection: ConnectionOptions, why: str) -> None:
    """Raise UsageError for a book behind HTTP, before its password is asked for."""
    if resolve(connection).api is not None:
        from cli.client.operation import not_over_http

        raise not_over_http(why)


@contextmanager
def _over_http(address: str, user: str | None) -> Iterator[Client]:
    from cli.client.http_client import HttpApi, base_of, connected
    from cli.client.operations import Client
    from cli.passwords import ask_login

    api = base_of(address)
    if not user:
        raise click.UsageError("--api needs a login: add --user NAME or set VOLTBOOK_USER")
    say(f"book: {api} as {user}")
    with connected(user, ask_login(api, user)) as session:
        yield Client(HttpApi(api, session))


def _local() -> Client:
    from chalicelib.aws.session import use
    from cli.client.local_stack import find_local_stack
    from cli.client.operations import Client

    stack = find_local_stack()
    use(stack.settings(), stack.session)
    say(f"book: local ({stack.api})")
    return Client()


def _deployed(stage: str) -> Client:
    from chalicelib.aws.session import use
    from cli.client.operations import Client
    from cli.client.stage import find_stage, stage_settings, with_bucket_and_topic

    if not _STAGE.fullmatch(stage):
        raise click.BadParameter(
            f"must be `local` or a stage (lower-case letters, digits and dashes), got {stage!r}", param_hint="--book"
        )
    say(f"book: {stage} ({find_stage(stage)})")
    settings = stage_settings(stage)
    use(settings)
    return Client(before_import=lambda: use(with_bucket_and_topic(settings)))
