"""Health and the API contract, open to everybody."""

from __future__ import annotations

from functools import cache
from typing import Final

from chalice import Blueprint, Response

from chalicelib import __version__
from chalicelib.web.responses import json_response, open_route, query

CONTRACT: Final = "openapi.yaml"
blueprint = Blueprint(__name__)


@open_route(blueprint, "/v1/health")
def get_health() -> Response:
    # Without a call to the store: a slow one must not take this process out of service.
    query(blueprint.current_request)
    return json_response({"status": "ok", "version": __version__})


@open_route(blueprint, "/v1/openapi.json")
def get_openapi() -> Response:
    query(blueprint.current_request)
    return json_response(contract())


@cache
def contract() -> object:
    from importlib.resources import files

    import yaml

    return yaml.safe_load(files("chalicelib.web").joinpath(CONTRACT).read_text("utf-8"))
