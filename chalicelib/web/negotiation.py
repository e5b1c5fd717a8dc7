"""What a client would rather have: CSV or JSON, and nothing at all where it has the same already (RFC 9110)."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from chalice import Response

from chalicelib.web.responses import rendered

JSON: Final = "application/json"
CSV: Final = "text/csv"
NOT_MODIFIED: Final = 304


def prefers_csv(request: Any) -> bool:
    """Tell whether the Accept header names CSV, and JSON not before it; who names neither gets JSON."""
    wanted = _qualities(request.headers.get("accept", ""))
    return wanted.get(CSV, 0) > max(wanted.get(JSON, 0), 0)


def tag_of(body: str, media: str, as_of: str) -> str:
    """Give the weak entity tag of an answer: equal while all is that stands in it, save when it was asked for.

    Text that somebody sent cannot look like that member: JSON has no bare quote inside of texts.
    """
    told = body.replace(f'"as_of":"{as_of}",', "", 1)
    digest = hashlib.sha256(f"{media} {told}".encode()).hexdigest()
    return f'W/"{digest[:32]}"'


def answer(request: Any, body: str, media: str, tag: str, name: str) -> Response:
    """Answer with the body, or with 304 where the client says that it has it; `name` is for who saves it."""
    headers = {"ETag": tag, "Vary": "Accept, Authorization"}
    if has_tag(request, tag):
        return rendered("", headers, NOT_MODIFIED)
    if media == CSV:
        headers |= {
            "Content-Type": f"{CSV}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}.csv"',
        }
    return rendered(body, headers)


def has_tag(request: Any, tag: str) -> bool:
    """Tell whether the client says that it has the answer of this entity tag already."""
    tags = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    return "*" in tags or tag.removeprefix("W/") in {one.removeprefix("W/") for one in tags}


def _qualities(accept: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        found[media] = next((_quality(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
    return found


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
