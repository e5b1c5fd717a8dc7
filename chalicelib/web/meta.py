"""What anybody may read: whether Voltbook is alive, and its contract."""

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
    """Say that this process answers; it asks nobody else, so that a slow store cannot take it out of service."""
    query(blueprint.current_request)
    return json_response({"status": "ok", "version": __version__})


@open_route(blueprint, "/v1/openapi.json")
def get_openapi() -> Response:
    """Give the contract."""
    query(blueprint.current_request)
    return json_response(contract())


@cache
def contract() -> object:
    """Read the contract, which people write as YAML and programs want as JSON."""
    from importlib.resources import files

    import yaml

    text = files("chalicelib.web").joinpath(CONTRACT).read_text("utf-8")
    return yaml.safe_load(text)
