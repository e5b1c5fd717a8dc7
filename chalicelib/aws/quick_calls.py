"""Calls of DynamoDB with less of the SDK's general machinery: the same requests, signatures, retries and errors.

Every reach into the internals of botocore for this is here. `tests/test_patches.py` names the version that these were
tested with, botocore 1.44.5, and fails when another one is pinned.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from botocore.awsrequest import AWSPreparedRequest
from botocore.endpoint import convert_to_response_dict
from botocore.exceptions import ConnectionClosedError, NoCredentialsError
from botocore.handlers import add_retry_headers
from botocore.hooks import first_non_none_response

from chalicelib.aws.open_connections import OpenConnections, place_of

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.model import OperationModel
    from botocore.signers import RequestSigner

_STAMP: Final = "%Y%m%dT%H%M%SZ"
_FIRST_FAILURE: Final = 300
_OF_ITEMS: Final = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
"""What these answer is read as the JSON that it is: no attribute of ours is binary."""


def quicken(client: BaseClient) -> None:
    """Make the calls of this client quick."""
    of: Any = client
    # The SDK applies the rules of endpoints to each call. Without a resolver it uses the client's own endpoint, which
    # the same rules chose.
    of._ruleset_resolver = None  # noqa: SLF001 - there is no public way
    # It walks through every attribute of a request to produce the same JSON.
    of._serializer = _Bodies(of._serializer)  # noqa: SLF001 - the same
    endpoint = of._endpoint  # noqa: SLF001 - the same
    # It prepares a request a second time to sign it, copies its headers at each step, and derives a key that is the
    # same all day.
    most = of.meta.config.retries["total_max_attempts"]
    endpoint.create_request = _Requests(of._request_signer, most).create  # noqa: SLF001 - the same
    endpoint.http_session = OpenConnections(endpoint.http_session, of.meta.config.read_timeout)
    # It walks through every attribute of an answer too, and asks of an answer that is right whether to try again.
    attempts = _Attempts(endpoint, of.meta.events.emit)
    endpoint._get_response, endpoint._needs_retry = attempts.attempt, attempts.needs_retry  # noqa: SLF001 - the same


class _Bodies:
    """Writes the parameters of a call, which are DynamoDB's JSON already, as its body."""

    def __init__(self, serializer: Any) -> None:  # noqa: ANN401 - its stubs know no base of them
        self._serializer = serializer
        self._without_body: dict[str, dict[str, Any]] = {}

    def serialize_to_request(self, parameters: dict[str, Any], operation: OperationModel) -> dict[str, Any]:
        request = self._without_body.get(operation.name)
        if request is None:
            request = self._serializer.serialize_to_request(parameters, operation)
            self._without_body[operation.name] = request
        body = json.dumps(parameters, separators=(",", ":")).encode()
        return {**request, "headers": {**request["headers"]}, "body": body}


class _Attempts:
    """Makes the attempts of the calls of one client. Of the SDK's events they emit `before-send` alone."""

    def __init__(self, endpoint: Any, emit: Any) -> None:  # noqa: ANN401 - its stubs hide what is used
        self._endpoint, self._emit = endpoint, emit
        self._ask_for_retry = endpoint._needs_retry  # noqa: SLF001 - there is no public way
        self._parsers = endpoint._response_parser_factory  # noqa: SLF001 - the same

    def attempt(
        self, request: AWSPreparedRequest, operation: OperationModel, _context: object
    ) -> tuple[tuple[AWSResponse, dict[str, Any]] | None, Exception | None]:
        """Return the answer as it came and as it was read, or the error that the SDK may try again after."""
        try:
            answers = self._emit(f"before-send.dynamodb.{operation.name}", request=request)
            answer = first_non_none_response(answers)
            if answer is None:
                answer = self._endpoint.http_session.send(request)
            return (answer, self._read(answer, operation, request.url)), None
        except Exception as error:  # noqa: BLE001 - the SDK raises it, at the latest after the last attempt
            return None, error

    def needs_retry(
        self,
        attempts: int,
        operation: OperationModel,
        request: dict[str, Any],
        answered: tuple[AWSResponse, dict[str, Any]] | None = None,
        error: Exception | None = None,
    ) -> bool:
        if answered is not None and answered[0].status_code < _FIRST_FAILURE:
            return False
        retry: bool = self._ask_for_retry(attempts, operation, request, answered, error)
        return retry

    def _read(self, answer: AWSResponse, operation: OperationModel, url: str) -> dict[str, Any]:
        """Read an answer. Raises ConnectionClosedError, after which the SDK tries again, for one that was damaged."""
        body, checksum = answer.content, answer.headers.get("x-amz-crc32")
        if checksum is not None and checksum != str(crc32(body)):
            raise ConnectionClosedError(endpoint_url=url)
        if answer.status_code >= _FIRST_FAILURE or operation.name not in _OF_ITEMS:
            return self._read_as_the_sdk(answer, operation)
        with suppress(ValueError):
            if isinstance(read := json.loads(body), dict):
                return read  # without `ResponseMetadata`, which is read of errors alone
        raise ConnectionClosedError(endpoint_url=url)

    def _read_as_the_sdk(self, answer: AWSResponse, operation: OperationModel) -> dict[str, Any]:
        given = convert_to_response_dict(answer, operation)
        parser = self._parsers.create_parser(operation.service_model.resolved_protocol)
        read: dict[str, Any] = parser.parse(given, operation.output_shape)
        if answer.status_code >= _FIRST_FAILURE:
            self._endpoint._add_modeled_error_fields(given, read, operation, parser)  # noqa: SLF001 - there is no public way
        return read


class _Addressed(NamedTuple):
    """What the SDK adds the headers of an attempt to."""

    headers: dict[str, str]
    context: dict[str, Any]


class _Requests:
    """Makes the requests of one client, signed with version 4."""

    def __init__(self, signer: RequestSigner, attempts: int) -> None:
        self._signer: Any = signer  # its stubs hide its credentials
        self._attempts = attempts

    def create(self, params: dict[str, Any], _operation: object = None) -> AWSPreparedRequest:
        """Return the request of an attempt. Raises NoCredentialsError."""
        url, body = params["url"], params["body"]
        headers = self._signed({**params["headers"]}, url, body)
        params["context"]["retries"]["max"] = self._attempts  # from the first one on, as the SDK's own handler has it
        attempt: Any = _Addressed(headers, params["context"])
        add_retry_headers(attempt)
        headers["Content-Length"] = str(len(body))
        plain: Any = headers  # the SDK looks for no name in another case
        return AWSPreparedRequest("POST", url, plain, body, stream_output=False)

    def _signed(self, headers: dict[str, str], url: str, body: bytes) -> dict[str, str]:
        """Sign the host, the type and all headers of AWS, as the SDK does."""
        signer = self._signer
        if signer._credentials is None:  # noqa: SLF001 - there is no public way
            raise NoCredentialsError
        credentials = signer._credentials.get_frozen_credentials()  # noqa: SLF001 - the same
        stamp = datetime.now(UTC).strftime(_STAMP)
        headers["X-Amz-Date"] = stamp
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
        host, path = place_of(url)
        signed = {"host": host}
        for name, value in headers.items():
            if (lower := name.lower()).startswith("x-amz-") or lower == "content-type":
                signed[lower] = value
        names = sorted(signed)
        lines = "".join(f"{name}:{signed[name]}\n" for name in names)
        canonical = "\n".join(("POST", path, "", lines, ";".join(names), sha256(body).hexdigest()))
        scope = f"{stamp[:8]}/{signer.region_name}/{signer.signing_name}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        key = _signing_key(credentials.secret_key, scope)
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={';'.join(names)}, "
            f"Signature={digest(key, text.encode(), 'sha256').hex()}"
        )
        return headers


@lru_cache(maxsize=4)
def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = digest(key, part.encode(), "sha256")
    return key
