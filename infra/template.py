"""One CloudFormation template of native resources: Chalice's, what infra/*.yaml describes, and what all have alike.

SAM's shorthand, in which Chalice speaks, is written out here and not by AWS, so that what is linted and tested is what
is deployed.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import boto3
import yaml
from samtranslator.translator.arn_generator import ArnGenerator
from samtranslator.translator.transform import transform

from infra.function_defaults import FUNCTION, complete_functions, throttle_alarms
from infra.gateway_responses import EXTENSION, gateway_responses
from infra.resources import REGION

HERE: Final = Path(__file__).resolve().parent
MERGED: Final = tuple(HERE / f"{name}.yaml" for name in ("resources", "operations", "alarms"))
API: Final = "RestAPI"
STAGE: Final = "RestAPIapiStage"
"""SAM's name for the stage `api` of that API."""

_NAMES: Final = frozenset({"BucketName", "LogGroupName", "TableName"})

Template = dict[str, Any]


def merged_resources() -> Template:
    """Give what infra/*.yaml describes as one template; raises ValueError where two files name the same thing."""
    whole: Template = {}
    for path in MERGED:
        _merge(whole, yaml.safe_load(path.read_text("utf-8")), path.name)
    return whole


def native(chalice: Template, package_key: str) -> Template:
    """Give the template to deploy, from Chalice's with ours merged into it; `package_key` is where the zip will be."""
    resources = chalice["Resources"]
    for resource in resources.values():
        if resource["Type"] == FUNCTION:
            resource["Properties"]["CodeUri"] = {"Bucket": {"Ref": "ArtifactBucket"}, "Key": package_key}
    complete_functions(resources)
    resources |= throttle_alarms(resources)
    resources[API]["Properties"]["DefinitionBody"][EXTENSION] = gateway_responses()
    written: Template = json.loads(json.dumps(_without_sam(chalice)))  # a copy without YAML's shared nodes
    written["Resources"][STAGE]["DependsOn"] = ["ApiLogs"]  # or the account may not let it write an access log yet
    return written


def literally_named(template: Template, stage: str, account: str) -> Template:
    """Give the template with the names of what outlives its stack written out.

    By a literal name alone CloudFormation finds what is there already and takes it in; a Fn::Sub it would create.
    """
    named: Template = json.loads(json.dumps(template))
    for resource in named["Resources"].values():
        for name in _NAMES & resource.get("Properties", {}).keys():
            if resource.get("DeletionPolicy") == "Retain":
                text = resource["Properties"][name]["Fn::Sub"]
                literal = text.replace("${Stage}", stage).replace("${AWS::AccountId}", account)
                resource["Properties"][name] = literal
    return named


def _without_sam(template: Template) -> Template:
    # SAM needs a region only to learn its partition, so that any region does where none is set.
    ArnGenerator.BOTO_SESSION_REGION_NAME = boto3.Session().region_name or REGION
    no_managed_policies = SimpleNamespace(load=dict)
    done: Template = transform(template, {}, no_managed_policies)
    return done


def _merge(whole: Template, part: Template, source: str) -> None:
    for name, value in part.items():
        if name not in whole:
            whole[name] = value
        elif isinstance(value, dict) and isinstance(whole[name], dict):
            _merge(whole[name], value, source)
        else:
            raise ValueError(f"{source}: {name} is described in another file too")
