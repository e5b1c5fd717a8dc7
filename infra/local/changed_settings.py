"""Settings in files that changed since the start: the functions read feeds and mappings once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

RESTART: Final = "changed since the start and is not read yet: stop make up with Ctrl-C and start it again"


def changed_since_start(feeds: Path, mappings: Path) -> Callable[[], str | None]:
    """Return a function that names the files of the feeds and mappings that changed since this call, if any did."""

    def stamps() -> dict[Path, int]:
        return dict(_stamps(feeds, mappings))

    started = stamps()

    def changed() -> str | None:
        files = sorted({path for path, _ in started.items() ^ stamps().items()})
        return f"{', '.join(path.name for path in files)} {RESTART}" if files else None

    return changed


def _stamps(feeds: Path, mappings: Path) -> Iterator[tuple[Path, int]]:
    for path in (feeds, *mappings.glob("*.toml")):
        with suppress(FileNotFoundError):
            yield path, path.stat().st_mtime_ns
