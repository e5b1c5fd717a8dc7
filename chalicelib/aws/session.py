"""The settings and the sessions of the SDK that stores are built with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.common.once import building, on_reset, once, reset
from chalicelib.settings import Settings, choose

if TYPE_CHECKING:
    from botocore.session import Session

_chosen: list[Callable[[], Session]] = []
on_reset(_chosen.clear)


def use(settings: Settings, new_session: Callable[[], Session] | None = None) -> None:
    """Build from these settings instead of the environment, and connect through these sessions."""
    with building:
        reset()
        choose(settings)
        if new_session is not None:
            _chosen.append(new_session)


def new_session() -> Session:
    """Return a new session, as chosen by `use` or from the environment."""
    if _chosen:
        return _chosen[0]()
    from botocore.session import get_session  # noqa: PLC0415 - a process that only chooses needs no SDK

    return get_session()


@once
def enter_session() -> None:
    """Make boto3 use such a session, if one was chosen."""
    if _chosen:
        import boto3  # noqa: PLC0415 - the same

        boto3.setup_default_session(botocore_session=new_session())
