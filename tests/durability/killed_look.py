"""A look in a process of its own that is killed when it reads one of the files."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.feeds.feed import file_name
from chalicelib.feeds.store import StoredFile
from chalicelib.imports.polling import poll
from tests.durability.kills import Life
from tests.durability.places import Place
from tests.fakes.feeds import FakeFileStore
from tests.fakes.notices import FakeNotices


class Deadly(FakeFileStore):
    """Kills the process that reads this file."""

    deadly = ""

    @contextmanager
    def fetch(self, key: str, version: str | None) -> Iterator[StoredFile]:
        if key == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        with super().fetch(key, version) as stored:
            yield stored


class Printed(FakeNotices):
    """Prints each notice as it is sent: the process may have no other chance."""

    def publish(self, subject: str, body: str) -> None:
        print(subject, flush=True)  # noqa: T201 - the test reads it


def main() -> None:
    """Look at this time, with files of all but one of the seven days; the oldest is the deadly one."""
    number, at = int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    place, store = Place(number), Deadly()
    for back in (0, 1, 2, 4, 5, 6):
        day = place.day - timedelta(days=back)
        place.put([place.trade(back)._replace(id=f"{number}-{day}")])
        store.objects[file_name(day)] = place.store.objects[file_name(place.day)][-1:]
    store.deadly = file_name(place.day - timedelta(days=6))
    place.clock.time = at
    poll(replace(place.desk(Life()), store=store, notices=Printed(), owner=f"process {os.getpid()}"))


if __name__ == "__main__":
    main()
