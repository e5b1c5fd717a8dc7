"""The dashboard, its assets, and the readable contract; the page asks for the login itself.

Nothing here reads the book. Texts are sent uncompressed, and the gateway compresses them (`minimum_compression_size` in
`.chalice/config.json`): API Gateway decodes a binary body only if the Accept header names its type, which no browser
does for a script.
"""

from __future__ import annotations

import json
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from chalice import Blueprint, Response

from chalicelib.common.errors import NotFound
from chalicelib.web.responses import open_route, query

BUILT: Final = "dashboard/built"
FOR_EVER: Final = "public, max-age=31536000, immutable"
_STRICT: Final = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
# The viewer's templates have style attributes and style elements. It asks for no login and sends nothing.
_VIEWER: Final = f"{_STRICT}; style-src 'self' 'unsafe-inline'"
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Vary": "Accept-Encoding",
}
blueprint = Blueprint(__name__)


@open_route(blueprint, "/")
def get_page() -> Response:
    request: Any = blueprint.current_request
    query(request)
    path = str(request.context.get("path") or "/")
    if not path.endswith("/"):
        # Relative addresses of the page would omit the stage: a browser distinguishes /api and /api/.
        name = path.rpartition("/")[2]
        return Response("", {"Location": f"{name}/", "Cache-Control": "no-cache"}, HTTPStatus.PERMANENT_REDIRECT)
    return _page("index.html", _STRICT)


@open_route(blueprint, "/docs")
def get_docs() -> Response:
    query(blueprint.current_request)
    return _page("docs.html", _VIEWER)


@open_route(blueprint, "/assets/{name}")
def get_asset(name: str) -> Response:
    query(blueprint.current_request)
    asset = manifest()["assets"].get(name)
    if asset is None:
        raise NotFound("there is no such part of the page")
    text = _text(f"assets/{name}")
    return Response(text, {**HEADERS, "Content-Type": asset["type"], "Cache-Control": FOR_EVER}, HTTPStatus.OK)


@cache
def manifest() -> dict[str, Any]:
    """Return the manifest of the build, which has the only names that are served."""
    content: dict[str, Any] = json.loads(_text("manifest.json"))
    return content


def _page(name: str, policy: str) -> Response:
    from chalicelib.web.negotiation import has_tag

    etag = f'W/"{manifest()["pages"][name][:32]}"'
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache", "ETag": etag}
    if has_tag(blueprint.current_request, etag):
        return Response("", {**HEADERS, **headers}, HTTPStatus.NOT_MODIFIED)
    return Response(_text(name), {**HEADERS, **headers, "Content-Type": "text/html; charset=utf-8"}, HTTPStatus.OK)


@cache
def _text(name: str) -> str:
    from importlib.resources import files

    return files("chalicelib").joinpath(BUILT, name).read_text("utf-8")
