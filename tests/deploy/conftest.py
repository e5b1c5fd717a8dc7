"""One deployment of the real package and template, for every test of this folder."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.web.responses import PLATFORM
from infra.deploy import deploy, stack_of
from infra.gateway_responses import DENIED, EXTENSION
from infra.local.engines import find_ministack
from infra.package import Package
from infra.stack_parameters import read_parameters
from infra.wheels import wheels
from tests.deploy.accounts import Account, Moto, ministack_account, named_account
from tests.deploy.stage import ORIGIN, STAGE, Deployment
from tests.fixtures.engines import forget_connections

AS_CALLED = dict(os.environ)
"""The variables as they were when the tests were started: the fixtures of all tests take those of AWS away."""


@pytest.fixture(scope="package")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The account to deploy to; this process's SDK is led there."""
    wheels()  # which pip cannot download while this process trusts the account's certificate only
    folder = tmp_path_factory.mktemp("account")
    with pytest.MonkeyPatch.context() as patch:
        try:
            named = named_account(AS_CALLED)
        except Moto as refused:
            pytest.fail(str(refused))
        if named is not None:
            yield _entered(named, patch)
        else:
            with ministack_account(_ministack(), folder) as own:
                yield _entered(own, patch)
    forget_connections()
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def deployment(account: Account, built_package: Package) -> Iterator[Deployment]:
    """Stage dev, deployed, and an ear on its notices."""
    said: list[str] = []
    stack = stack_of(STAGE, said.append, pause=0.1)
    shown = for_emulators(built_package)
    first = deploy(shown, stack, read_parameters(STAGE), lambda _: True)
    standing = Deployment(first.url, stack, shown, tuple(said))
    yield standing
    standing.close()


def for_emulators(made: Package) -> Package:
    """The package with the API's own refusals said once more, as resources, and with what no emulator knows left out.

    MiniStack imports an API's definition without the extension that holds them; AWS reads it, and would have such
    resources undone by the next import. They are the same words, taken out of the definition.

    It takes the address in an authorizer's identity sources for absent, and answers 401 to everybody; so a verdict is
    kept here for the login alone. The authorizer's own words of a denial it cannot fill in.
    """
    template = json.loads(made.template.read_text("utf-8"))
    resources = template["Resources"]
    del resources["RestAPI"]["Properties"]["Policy"]  # MiniStack knows no caller's address, and refuses all of them
    # MiniStack's conditions cannot split a text: the tests allow this origin alone, or several.
    template["Conditions"]["AllowsOneOrigin"] = {"Fn::Equals": [{"Ref": "AllowedOrigins"}, ORIGIN]}
    body = resources["RestAPI"]["Properties"]["Body"]
    [definition] = body["securityDefinitions"].values()
    authorizer = definition["x-amazon-apigateway-authorizer"]
    authorizer["identitySource"] = authorizer["identitySource"].removesuffix(", context.identity.sourceIp")
    denied = body[EXTENSION][DENIED]["responseTemplates"]
    for variable, said in zip(("code", "message"), PLATFORM[403], strict=True):
        denied["application/json"] = denied["application/json"].replace(f"$context.authorizer.{variable}", said)
    responses = {
        f"Refused{kind.title().replace('_', '')}": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": "RestAPI"},
                "ResponseType": kind,
                "StatusCode": str(response["statusCode"]),
                "ResponseParameters": response["responseParameters"],
                "ResponseTemplates": response["responseTemplates"],
            },
        }
        for kind, response in body[EXTENSION].items()
    }
    for resource in resources.values():
        if resource["Type"] == "AWS::ApiGateway::Deployment":
            resource["DependsOn"] = sorted(responses)
    resources |= responses
    for resource in resources.values():
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]:
            resource["Properties"] = without_math(resource["Properties"])
    written = made.template.with_name("for-emulators.json")
    written.write_text(json.dumps(template), "utf-8")
    return dataclasses.replace(made, template=written)


def without_math(alarm: dict[str, Any]) -> dict[str, Any]:
    """Return the alarm on its metric alone: MiniStack's templates have no metric math."""
    [measured] = [metric["MetricStat"] for metric in alarm["Metrics"] if "MetricStat" in metric]
    rest = {name: value for name, value in alarm.items() if name != "Metrics"}
    return {**rest, **measured["Metric"], "Period": measured["Period"], "Statistic": measured["Stat"]}


def _entered(account: Account, patch: pytest.MonkeyPatch) -> Account:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    for name, value in account.variables.items():
        patch.setenv(name, value)
    patch.setattr(boto3, "DEFAULT_SESSION", None)  # an older one has read the profiles of another file
    forget_connections()
    return account


def _ministack() -> Path:
    found = find_ministack()
    if found is None:
        reason = "MiniStack is not installed: make engines"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
