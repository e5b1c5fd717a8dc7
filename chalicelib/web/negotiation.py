"""Content negotiation (CSV or JSON) and conditional requests (RFC 9110)."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from chalice import Response

from chalicelib.web.responses import rendered

JSON: Final = "application/json"
CSV: Final = "text/csv"
NOT_MODIFIED: Final = 304


def prefers_csv(request: Any) -> bool:
    """Check whether the Accept header prefers CSV to JSON, the default."""
    wanted = _qualities(request.headers.get("accept", ""))
    return wanted.get(CSV, 0) > max(wanted.get(JSON, 0), 0)


def tag_of(body: str, media: str, as_of: str) -> str:
    """Return the weak entity tag of an answer; `as_of`, the time of the request, does not count."""
    # No text of a user can match: JSON has no bare quote inside of texts.
    content = body.replace(f'"as_of":"{as_of}",', "", 1)
    digest = hashlib.sha256(f"{media} {content}".encode()).hexdigest()
    return f'W/"{digest[:32]}"'


def answer(request: Any, body: str, media: str, tag: str, name: str) -> Response:
    """Return the body, or 304 if the client has it; `name` is the CSV file's."""
    headers = {"ETag": tag, "Vary": "Accept, Authorization"}
    if has_tag(request, tag):
        return rendered("", headers, NOT_MODIFIED)
    if media == CSV:
        headers |= csv_headers(name)
    return rendered(body, headers)


def csv_headers(name: str) -> dict[str, str]:
    return {
        "Content-Type": f"{CSV}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }


def has_tag(request: Any, tag: str) -> bool:
    """Check whether the If-None-Match header names this entity tag."""
    tags = [text.strip() for text in request.headers.get("if-none-match", "").split(",")]
    return "*" in tags or tag.removeprefix("W/") in {text.removeprefix("W/") for text in tags}


def _qualities(accept: str) -> dict[str, float]:
    qualities: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        qualities[media] = next((_quality(text[2:]) for text in parameters if text.startswith("q=")), 1.0)
    return qualities


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
