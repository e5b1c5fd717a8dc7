"""One CloudFormation template of native resources: Chalice's, those of infra/*.yaml, and the defaults of functions.

Chalice writes SAM shorthand, which is expanded here and not by AWS, so that what is linted and tested is deployed.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.utils.py27hash_fix import to_py27_compatible_template, undo_mark_unicode_str_in_template

from infra import ROOT
from infra.function_defaults import FUNCTION, complete_functions, throttle_alarms
from infra.gateway_responses import EXTENSION, allowed_origins_only, gateway_responses
from infra.resources import REGION

MERGED: Final = tuple(ROOT / "infra" / f"{name}.yaml" for name in ("resources", "access", "operations", "alarms"))
API: Final = "RestAPI"
DEPLOYMENT: Final = "AWS::ApiGateway::Deployment"
STAGE: Final = "RestAPIapiStage"  # SAM's name for the stage `api` of that API

_NAMES: Final = frozenset({"Bucket", "BucketName", "LogGroupName", "TableName"})

Template = dict[str, Any]


def merged_resources() -> Template:
    """Return what infra/*.yaml describes as one template. Raises ValueError if two files define the same name."""
    merged: Template = {}
    for path in MERGED:
        _merge(merged, yaml.safe_load(path.read_text("utf-8")), path.name)
    return merged


def native(chalice: Template, package_key: str) -> Template:
    """Return the template to deploy, from Chalice's with ours merged into it. `package_key` is the zip's key in S3."""
    resources = chalice["Resources"]
    for resource in resources.values():
        if resource["Type"] == FUNCTION:
            resource["Properties"]["CodeUri"] = {"Bucket": {"Ref": "ArtifactBucket"}, "Key": package_key}
    complete_functions(resources)
    resources |= throttle_alarms(resources)
    definition = resources[API]["Properties"]["DefinitionBody"]
    definition[EXTENSION] = gateway_responses()
    _add_preflights(definition["paths"])
    template: Template = json.loads(json.dumps(_expand_sam(chalice)))  # a copy without YAML's shared nodes
    template["Resources"][STAGE]["DependsOn"] = ["ApiLogs"]  # which allows the account to write an access log
    return template


def literally_named(template: Template, stage: str, account: str) -> Template:
    """Return the template with literal names for the resources that outlive their stack.

    CloudFormation imports an existing resource only by a literal name; with Fn::Sub it would create it.
    """
    named: Template = json.loads(json.dumps(template))
    for resource in named["Resources"].values():
        for name in _NAMES & resource.get("Properties", {}).keys():
            if resource.get("DeletionPolicy") == "Retain":
                text = resource["Properties"][name]["Fn::Sub"]
                literal = text.replace("${Stage}", stage).replace("${AWS::AccountId}", account)
                resource["Properties"][name] = literal
    return named


def deployed_for(template: Template, *allowed: str) -> Template:
    """Return the template whose deployment of the API is named for the allowed networks and origins.

    The API's policy and definition take effect with the next deployment only, and a parameter alone makes none.
    """
    [name] = [name for name, resource in template["Resources"].items() if resource["Type"] == DEPLOYMENT]
    if not any(allowed):
        return template
    suffix = hashlib.sha256(" ".join(filter(None, allowed)).encode()).hexdigest()[:10]
    renamed: Template = json.loads(json.dumps(template).replace(f'"{name}"', f'"{name}{suffix}"'))
    return renamed


def _add_preflights(paths: dict[str, Any]) -> None:
    """Let the function of the API answer the preflights of all routes, without a login, if some origins are allowed.

    Chalice has one origin for each route at most, and none that a parameter of the stage names.
    """
    for methods in paths.values():
        described = next(iter(methods.values()))
        left_out = {"security", "summary", "description"}
        preflight = {name: value for name, value in described.items() if name not in left_out}
        methods["options"] = allowed_origins_only(preflight)


def _expand_sam(template: Template) -> Template:
    """Do what SAM's `transform` does, which offers no way to pass a session.

    aws-sam-translator 1.115.0: these steps are its function `transform`, and of them only the classes are documented.
    """
    # A region is needed only to learn its partition, so that any region does where none is set.
    session = boto3.Session(region_name=boto3.Session().region_name or REGION)
    parameters: dict[str, Any] = {}
    to_py27_compatible_template(template, parameters)  # names that SAM derives from hashes depend on it
    translator = Translator(None, Parser(), boto_session=session)
    expanded = translator.translate(template, parameters, get_managed_policy_map=dict)
    native_template: Template = undo_mark_unicode_str_in_template(expanded)
    return native_template


def _merge(target: Template, part: Template, source: str) -> None:
    for name, value in part.items():
        if name not in target:
            target[name] = value
        elif isinstance(value, dict) and isinstance(target[name], dict):
            _merge(target[name], value, source)
        else:
            raise ValueError(f"{source}: {name} is also defined in another file")
