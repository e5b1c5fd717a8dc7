"""What a function asks AWS for, recorded from its calls, and what its policy lets it ask for, in the same terms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from botocore.client import BaseClient

from infra import ROOT
from infra.resources import LOCAL_ACCOUNT
from infra.template import merged_resources

Permission = tuple[str, str]
"""An IAM action, and its resource by the name in the template: `TradesTable`, `TradesTable/index/*`, `DailyFiles/*`."""

Names = Mapping[tuple[str, str], str]
PLATFORM: Final = frozenset(
    {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
"""What Lambda does in a function's name, without a call of ours."""

_ACTIONS_OF_A_TRANSACTION: Final = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


class Recorder:
    """Notes the permissions that calls need, at the SDK's one way out, while `record` runs something."""

    def __init__(self, stage: str, patch: pytest.MonkeyPatch) -> None:
        self.needed: set[Permission] = set()
        self._on = False
        names = _names_in_the_template(stage)
        ask = BaseClient._make_api_call  # type: ignore[attr-defined]  # botocore's types leave it out

        def recording(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
            if self._on:
                self.needed.update(_needed(client.meta.service_model.service_name, operation, parameters, names))
            return ask(client, operation, parameters)

        patch.setattr(BaseClient, "_make_api_call", recording)

    def record(self, call: Callable[[], Any]) -> Any:
        self._on = True
        try:
            return call()
        finally:
            self._on = False


def granted(function: str) -> set[Permission]:
    """Reads the policy file of a function, without what the platform needs."""
    policy = json.loads((ROOT / ".chalice" / f"policy-{function}.json").read_text("utf-8"))
    return {
        (action, _name_of(resource))
        for statement in policy["Statement"]
        for action in statement["Action"]
        for resource in _listed(statement["Resource"])
        if action not in PLATFORM
    }


def statements(function: str) -> list[dict[str, Any]]:
    """Gives the statements of a function's policy file."""
    policy: dict[str, Any] = json.loads((ROOT / ".chalice" / f"policy-{function}.json").read_text("utf-8"))
    return list(policy["Statement"])


def _needed(service: str, operation: str, parameters: Mapping[str, Any], names: Names) -> Iterator[Permission]:
    match service:
        case "dynamodb":
            yield from _of_dynamodb(operation, parameters, names)
        case "s3":
            yield from _of_s3(operation, parameters, names["BucketName", parameters["Bucket"]])
        case "sns":
            yield f"sns:{operation}", names["TopicName", parameters["TopicArn"].rpartition(":")[2]]
        case "sesv2":
            # Of the sender, and of the recipients while SES has the account in its sandbox.
            yield f"ses:{operation}", "identity/*"
        case _:
            raise AssertionError(f"nobody has said what {service} {operation} needs")


def _of_dynamodb(operation: str, parameters: Mapping[str, Any], names: Names) -> Iterator[Permission]:
    match operation:
        case "TransactWriteItems":
            for action in parameters["TransactItems"]:
                [(kind, of)] = action.items()
                yield f"dynamodb:{_ACTIONS_OF_A_TRANSACTION[kind]}", names["TableName", of["TableName"]]
        case "BatchGetItem":
            yield from (("dynamodb:BatchGetItem", names["TableName", table]) for table in parameters["RequestItems"])
        case _:
            index = "/index/*" if "IndexName" in parameters else ""
            yield f"dynamodb:{operation}", names["TableName", parameters["TableName"]] + index


def _of_s3(operation: str, parameters: Mapping[str, Any], bucket: str) -> Iterator[Permission]:
    match operation:
        case "HeadObject":
            # Without the right to list, S3 says "forbidden" of a key that is not there.
            yield from (("s3:GetObject", f"{bucket}/*"), ("s3:ListBucket", bucket))
        case "ListObjectsV2":
            yield "s3:ListBucket", bucket
        case "GetObject" if "VersionId" in parameters:
            yield "s3:GetObjectVersion", f"{bucket}/*"
        case _:
            yield f"s3:{operation}", f"{bucket}/*"


def _names_in_the_template(stage: str) -> dict[tuple[str, str], str]:
    """Gives the template's names by kind and name of the stage's tables, bucket and topics."""
    found = {}
    for logical, resource in merged_resources()["Resources"].items():
        for kind in ("TableName", "BucketName", "TopicName"):
            if (named := resource.get("Properties", {}).get(kind)) is not None:
                plain = named["Fn::Sub"].replace("${Stage}", stage).replace("${AWS::AccountId}", LOCAL_ACCOUNT)
                found[kind, plain] = logical
    return found


def _listed(resource: Any) -> list[Any]:
    return resource if isinstance(resource, list) else [resource]


def _name_of(resource: Any) -> str:
    match resource:
        case {"Fn::GetAtt": [str(name), "Arn"]} | {"Ref": str(name)}:
            return name
        case {"Fn::Sub": str(text)}:
            return text.rpartition(":")[2] if text.startswith("arn:") else text.replace("${", "").replace(".Arn}", "")
    raise AssertionError(f"a policy names a resource in a way that this test does not read: {resource}")
