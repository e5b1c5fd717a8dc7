"""Import of a file over HTTP: sent packed, or uploaded to an address if it is too large for that."""

from __future__ import annotations

import gzip
import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chalicelib.common.errors import ImportUnderWay, NotFound, TooLarge
from chalicelib.feeds.receipt import FileState
from chalicelib.feeds.store import MAX_FILE_BYTES
from chalicelib.imports.feed_files import FeedFile
from chalicelib.imports.sent_file import MAX_BYTES
from chalicelib.imports.waiting import pauses
from cli.output.json import Json
from cli.terminal import Progress

if TYPE_CHECKING:
    from cli.client.http_client import HttpApi

IMPORTS: Final = "/v2/imports"
PATIENCE_SECONDS: Final = 15 * 60.0
_LARGEST_PACKED: Final = 40 * 1024 * 1024
"""A larger file is not packed first: it is more than the API unpacks, or nearly so."""


def import_over_http(api: HttpApi, path: Path, progress: Progress, file: FeedFile) -> Json:
    """Send a file and return the receipt of its content.

    Raises ImportUnderWay if its import takes longer than `PATIENCE_SECONDS`; it continues there. Raises InvalidRequest
    if another content was imported in its place.
    """
    query = {"feed": file.feed.name, "file_day": file.file_day.isoformat()}
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise TooLarge(f"{path.name} has {size} bytes, at most {MAX_FILE_BYTES} are imported: split it")
    content = path.read_bytes()
    packed = gzip.compress(content, 6, mtime=0) if len(content) <= _LARGEST_PACKED else content
    if len(packed) <= MAX_BYTES:
        answer = api.send_file(IMPORTS, query, packed)
        if answer.get("state") != FileState.IMPORTING:
            return answer
    else:
        offer = api.send_object(f"{IMPORTS}/upload", query, {})
        api.upload(str(offer["url"]), content)
    return _awaited(api, query, hashlib.sha256(content).hexdigest(), progress)


def _awaited(api: HttpApi, query: dict[str, str], sha256: str, progress: Progress) -> Json:
    for pause in pauses(PATIENCE_SECONDS):
        receipt = _receipt(api, {**query, "sha256": sha256})
        if receipt is not None:
            if receipt["state"] != FileState.IMPORTING:
                return receipt
            done = sum(int(receipt[name]) for name in ("booked", "already_there", "corrected", "quarantined"))
            progress(done, max(int(receipt["rows"]), 1))
        time.sleep(pause)
    raise ImportUnderWay(
        f"the import of feed {query['feed']} of {query['file_day']} takes longer than {PATIENCE_SECONDS:.0f} s; it "
        "continues, and importing the file again later is safe"
    )


def _receipt(api: HttpApi, query: dict[str, str]) -> dict[str, Any] | None:
    try:
        return api.get_object(IMPORTS, query)
    except NotFound:
        return None
