"""The errors that API Gateway sends itself, in the texts and the shape of the app's own errors."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final

from chalicelib.web.cross_origin import EXPOSED
from chalicelib.web.responses import HEADERS, PLATFORM

CHALLENGE: Final = 'Basic realm="voltbook", charset="UTF-8"'
EXTENSION: Final = "x-amazon-apigateway-gateway-responses"
DENIED: Final = "ACCESS_DENIED"
RETRY_AFTER: Final = {"gatewayresponse.header.Retry-After": "context.authorizer.retry_after"}
"""A role without the route has no such value in its context, and so no time to wait."""
SHARED: Final = {
    "Access-Control-Allow-Origin": {
        "Fn::If": ["AllowsOneOrigin", {"Fn::Sub": "'${AllowedOrigins}'"}, "method.request.header.Origin"]
    },
    "Access-Control-Expose-Headers": f"'{EXPOSED}'",
    "Vary": "'Origin'",
}
"""The headers for pages of allowed origins.

A response of the gateway cannot choose from several origins, and so allows the one that asks: no foreign page comes
further than to such a response, because its preflight is refused, and no credentials are allowed.
"""
STATUS: Final = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "DEFAULT_4XX": 400,
    "DEFAULT_5XX": 500,
    "EXPIRED_TOKEN": 404,
    "INTEGRATION_FAILURE": 503,
    "INTEGRATION_TIMEOUT": 503,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 404,
    "MISSING_AUTHENTICATION_TOKEN": 404,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}
"""The gateway's response types, all of its developer guide.

At an unknown path or method it expects a signature of AWS: none is MISSING_AUTHENTICATION_TOKEN, and a login of ours in
the same header is INVALID_SIGNATURE.
"""


def gateway_responses() -> dict[str, Any]:
    """Return the responses for the API's definition, so that changing one deploys the API again."""
    # The authorizer's context always has both. A network that is not allowed is refused before the authorizer is asked,
    # so that both are empty: a template has no conditions, and this is the response to every refusal by a policy.
    denied = ("$context.authorizer.code", "$context.authorizer.message")
    texts = {kind: denied if kind == DENIED else PLATFORM[status] for kind, status in STATUS.items()}
    responses = {kind: _response(STATUS[kind], *text) for kind, text in texts.items()}
    responses[DENIED]["responseParameters"] |= RETRY_AFTER
    return responses


def error_headers(status: int) -> dict[str, str]:
    return {**HEADERS, **({"WWW-Authenticate": CHALLENGE} if status == HTTPStatus.UNAUTHORIZED else {})}


def allowed_origins_only(value: object) -> dict[str, Any]:
    """Return a value of the template that is there only if some origins are allowed."""
    return {"Fn::If": ["AllowsOrigins", value, {"Ref": "AWS::NoValue"}]}


def _response(status: int, code: str, message: str) -> dict[str, Any]:
    body = {"status_code": status, "message": message, "code": code, "request_id": "$context.requestId"}
    headers: dict[str, Any] = {name: f"'{value}'" for name, value in error_headers(status).items()}
    headers |= {name: allowed_origins_only(value) for name, value in SHARED.items()}
    return {
        "statusCode": status,
        "responseParameters": {f"gatewayresponse.header.{name}": value for name, value in headers.items()},
        "responseTemplates": {"application/json": json.dumps(body)},
    }
