"""Which pages of other origins may use the API (CORS, in the Fetch standard): none, unless a setting names them.

No answer allows credentials: a page sends its login in the Authorization header, which needs a preflight.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from http import HTTPMethod, HTTPStatus
from typing import Any, Final

from chalice import Response

from chalicelib.settings import settings

METHODS: Final = "GET, POST, PUT"
HEADERS: Final = "Authorization, Content-Type, If-None-Match"
EXPOSED: Final = "Content-Disposition, ETag, Link, Retry-After, Voltbook-Not-Shown, WWW-Authenticate"
MAX_AGE_SECONDS: Final = 600


def share_with_origins(request: Any, get_response: Callable[[Any], Response]) -> Response:
    """Answer the preflights of allowed origins, and let their pages read the responses; middleware.

    Any other preflight is answered as without this setting: the method is not allowed.
    """
    origins = settings().allowed_origins
    if not origins:
        return get_response(request)
    origin = request.headers.get("origin")
    preflight = preflight_headers(request.method, origin, origins)
    if preflight is not None:
        return Response("", {**preflight}, HTTPStatus.NO_CONTENT)
    response = get_response(request)
    response.headers = {**response.headers, **shared_headers(response.headers, origin, origins)}
    return response


def preflight_headers(method: str, origin: str | None, origins: Collection[str]) -> dict[str, str] | None:
    """Return the headers of the response to a preflight; None for any other request, and for a foreign origin."""
    if method != HTTPMethod.OPTIONS or origin not in origins:
        return None
    return {
        "Access-Control-Allow-Origin": str(origin),
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": HEADERS,
        "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        "Cache-Control": "no-store",
        "Vary": "Origin",
    }


def shared_headers(headers: Mapping[str, Any], origin: str | None, origins: Collection[str]) -> dict[str, str]:
    """Return the headers to add to a response, or to replace in it, where pages of some origins may read it."""
    vary = f"{headers['Vary']}, Origin" if "Vary" in headers else "Origin"
    if origin not in origins:
        return {"Vary": vary}
    return {"Vary": vary, "Access-Control-Allow-Origin": str(origin), "Access-Control-Expose-Headers": EXPOSED}
