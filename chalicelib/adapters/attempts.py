"""Logins in the `attempts` table: a failed one is an item, those that begin are counted in one for each stretch.

So none is lost, however many come at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from chalicelib.adapters.failures import attempted, told_plainly
from chalicelib.adapters.models import AttemptItem
from chalicelib.domain.attempts import STRETCH, WINDOW, Failed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class AttemptTable:
    """The table `attempts`; see `ports.Attempts` for what each call promises."""

    def begin(self, source: str, moment: datetime) -> int:
        """Count one: one atomic write, under a key that no failure has and that sorts before all of theirs."""
        number = (moment - _EPOCH) // STRETCH
        item = AttemptItem(source, f"#{number}")
        expires = (number + 1) * STRETCH // timedelta(seconds=1)
        attempted(partial(item.update, [AttemptItem.begun.add(1), AttemptItem.expires.set(expires)]))
        return item.begun

    def since(self, source: str, moment: datetime, most: int) -> Sequence[Failed]:
        """Give the newest failures: one query, of some ten bytes a failure."""
        newer = AttemptItem.moment > f"{_millis(moment)}~"
        with told_plainly():
            held = AttemptItem.query(source, newer, consistent_read=True, scan_index_forward=False, limit=most)
            return [Failed(item.who, _moment(item.moment)) for item in held]

    def note(self, source: str, failed: Failed) -> None:
        """Keep one failure: one write, under a key that nobody else has."""
        item = AttemptItem(source, f"{_millis(failed.at)}#{secrets.token_hex(4)}", who=failed.who)
        item.expires = (failed.at + WINDOW - _EPOCH) // timedelta(seconds=1)
        attempted(partial(item.save))


def _millis(moment: datetime) -> str:
    return f"{(moment - _EPOCH) // _MILLISECOND:013d}"


def _moment(key: str) -> datetime:
    return _EPOCH + int(key.partition("#")[0]) * _MILLISECOND
