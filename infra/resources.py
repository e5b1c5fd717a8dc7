"""The resources that infra/resources.yaml describes, read for one stage: one description for every stack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from infra import ROOT

TEMPLATE: Final = ROOT / "infra" / "resources.yaml"
LOCAL_STAGE: Final = "local"
LOCAL_ACCOUNT: Final = "000000000000"
REGION: Final = "eu-central-1"


@dataclass(frozen=True, slots=True)
class Topics:
    notices: str
    reports: str


@dataclass(frozen=True, slots=True)
class Resources:
    tables: tuple[dict[str, Any], ...]
    bucket: dict[str, Any]
    topics: Topics


def read_resources(stage: str, account: str = LOCAL_ACCOUNT) -> Resources:
    """Return the described resources of one stage; raises ValueError for an unsupported intrinsic function."""
    template = _read(TEMPLATE)
    values = {"Stage": stage, "AWS::AccountId": account, "AWS::Region": REGION}
    by_type: dict[str, list[dict[str, Any]]] = {}
    for resource in template["Resources"].values():
        if "Type" in resource:  # without a type it only extends a resource of Chalice's
            properties: Any = _resolve(resource.get("Properties", {}), values)
            by_type.setdefault(resource["Type"], []).append(properties)
    (bucket,) = by_type["AWS::S3::Bucket"]
    notices, reports = (topic["TopicName"] for topic in by_type["AWS::SNS::Topic"])
    return Resources(tuple(by_type["AWS::DynamoDB::Table"]), bucket, Topics(notices, reports))


@cache
def _read(template: Path) -> dict[str, Any]:
    described: dict[str, Any] = yaml.safe_load(template.read_text(encoding="utf-8"))
    return described


def _resolve(node: object, values: dict[str, str]) -> object:
    match node:
        case {"Ref": str(name)}:
            return values[name]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", lambda match: values[match[1]], text)
        case dict():
            if unknown := [key for key in node if str(key).startswith("Fn::")]:
                raise ValueError(f"{TEMPLATE.name}: unsupported intrinsic function: {', '.join(unknown)}")
            return {name: _resolve(value, values) for name, value in node.items()}
        case list():
            return [_resolve(item, values) for item in node]
    return node
