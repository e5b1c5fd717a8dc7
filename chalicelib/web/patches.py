"""Every reach into the internals of Chalice, and nothing else.

`tests/test_patches.py` names the version that these were tested with, and fails when another one is pinned.
"""

from __future__ import annotations

from typing import Any

from chalice import AuthResponse
from chalice.app import AuthRequest, ChaliceAuthorizer


def pass_the_source(authorizer: ChaliceAuthorizer) -> None:
    """Make an authorizer accept events of API Gateway's type `REQUEST`, and its requests have the client's `source`."""
    # Chalice 1.34.0 has authorizers of type `TOKEN` only (github.com/aws/chalice/issues/1467), and its decorator
    # returns an object that is registered already. The class it becomes adds no state.
    authorizer.__class__ = _RequestAuthorizer


class _RequestAuthorizer(ChaliceAuthorizer):
    def __call__(self, event: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - Lambda's
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        token = event.get("authorizationToken") or headers.get("authorization") or ""
        request: Any = AuthRequest(event["type"], token, event["methodArn"])
        request.source = event.get("requestContext", {}).get("identity", {}).get("sourceIp")
        response = self.func(request)
        return response.to_dict(request) if isinstance(response, AuthResponse) else response
