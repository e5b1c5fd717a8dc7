"""Who reaches the API: all of it is optional, and off unless a parameter asks for it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.gateway_responses import EXTENSION, STATUS
from infra.origins import read_origins
from infra.template import DEPLOYMENT, deployed_for

Template = dict[str, Any]


def deployment_of(template: Template) -> str:
    name: str
    [name] = [name for name, one in template["Resources"].items() if one["Type"] == DEPLOYMENT]
    assert template["Resources"]["RestAPIapiStage"]["Properties"]["DeploymentId"] == {"Ref": name}
    return name


def test_only_the_allowed_networks_are_answered(template: Template) -> None:
    condition, policy, otherwise = template["Resources"]["RestAPI"]["Properties"]["Policy"]["Fn::If"]
    assert (condition, otherwise) == ("LimitsNetworks", {"Ref": "AWS::NoValue"})
    allowed, denied = policy["Statement"]
    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert denied["Condition"] == {"NotIpAddress": {"aws:SourceIp": {"Ref": "AllowedNetworks"}}}


ABSENT = object()
NONE = {"AllowsOrigins": False}
ONE = {"AllowsOrigins": True, "AllowsOneOrigin": True}
SEVERAL = {"AllowsOrigins": True, "AllowsOneOrigin": False}


def chosen(part: Any, conditions: dict[str, bool]) -> Any:
    """Return a part of the template with these conditions decided, as CloudFormation decides them."""
    if isinstance(part, list):
        return [chosen(item, conditions) for item in part]
    if not isinstance(part, dict):
        return part
    condition, yes, no = part.get("Fn::If", ("", None, None))
    if condition in conditions:
        branch = yes if conditions[condition] else no
        return ABSENT if branch == {"Ref": "AWS::NoValue"} else chosen(branch, conditions)
    return {name: value for name, old in part.items() if (value := chosen(old, conditions)) is not ABSENT}


def body_of(template: Template, conditions: dict[str, bool]) -> Template:
    body: Template = chosen(template["Resources"]["RestAPI"]["Properties"]["Body"], conditions)
    return body


def test_without_origins_no_resource_knows_of_them(template: Template) -> None:
    assert "Origin" in json.dumps(template["Resources"])
    without = chosen(template["Resources"], NONE)
    assert "Origin" not in json.dumps(without)
    assert not any("options" in methods for methods in body_of(template, NONE)["paths"].values())
    assert without["APIHandler"]["Properties"]["Environment"]["Variables"].keys() == {"VOLTBOOK_STAGE"}


def test_with_origins_only_preflights_and_headers_are_added(template: Template) -> None:
    body = body_of(template, ONE)
    for methods in body["paths"].values():
        methods.pop("options")
    for response in body[EXTENSION].values():
        headers = response["responseParameters"]
        assert headers.pop("gatewayresponse.header.Vary") == "'Origin'"
        assert "Retry-After" in headers.pop("gatewayresponse.header.Access-Control-Expose-Headers")
        del headers["gatewayresponse.header.Access-Control-Allow-Origin"]
    assert body == body_of(template, NONE)


def test_every_route_answers_preflights_without_a_login(template: Template) -> None:
    for path, methods in body_of(template, ONE)["paths"].items():
        preflight = methods["options"]
        assert "security" not in preflight, path
        assert preflight["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
        assert "${APIHandler.Arn}" in json.dumps(preflight["x-amazon-apigateway-integration"]["uri"])
        named = [parameter["name"] for parameter in preflight.get("parameters", ())]
        assert named == re.findall(r"{(\w+)}", path)


@pytest.mark.parametrize(
    ("conditions", "allowed"), [(ONE, {"Fn::Sub": "'${AllowedOrigins}'"}), (SEVERAL, "method.request.header.Origin")]
)
def test_the_gateway_s_errors_are_readable_for_an_allowed_page(
    template: Template, conditions: dict[str, bool], allowed: object
) -> None:
    responses = body_of(template, conditions)[EXTENSION]
    header = "gatewayresponse.header.Access-Control-Allow-Origin"
    assert [one["responseParameters"][header] for one in responses.values()] == [allowed] * len(STATUS)


def test_no_answer_allows_credentials_or_all_origins(template: Template) -> None:
    text = json.dumps(template)
    assert "Allow-Credentials" not in text
    assert "'*'" not in text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("", True),
        ("https://desk.example.com", True),
        ("https://desk.example.com,https://xn--hndler-bua.example:8443", True),
        ("*", False),
        ("https://*.example.com", False),
        ("http://desk.example.com", False),
        ("https://desk.example.com/", False),
        ("https://Desk.example.com", False),
        ("https://desk.example.com,null", False),
    ],
)
def test_an_origin_is_an_exact_https_one(template: Template, text: str, right: bool) -> None:
    pattern = template["Parameters"]["AllowedOrigins"]["AllowedPattern"]
    assert (re.fullmatch(pattern, text) is not None) is right
    if right:
        assert ",".join(read_origins(text)) == text
    else:
        with pytest.raises(ValueError, match="expected exact origins such as https://desk"):
            read_origins(text)


@pytest.mark.parametrize("text", ["http://127.0.0.1:8123", "http://localhost", "https://desk.example.com"])
def test_a_page_of_the_same_machine_may_come_over_http(text: str) -> None:
    assert read_origins(text, loopback=True) == (text,)
    for other in (f"{text}/", "http://192.168.0.1", "http://localhost.example.com", "https://desk.example.com:443"):
        with pytest.raises(ValueError, match="found"):
            read_origins(other, loopback=True)


def test_other_origins_deploy_the_api_again(template: Template) -> None:
    network, origin = "192.0.2.0/24", "https://desk.example.com"
    names = [deployment_of(deployed_for(template, *allowed)) for allowed in (("", ""), (network, ""), ("", origin))]
    assert len(set(names)) == len(names)
    assert deployment_of(deployed_for(template, network)) == names[1]
    assert deployment_of(deployed_for(template, network, origin)) not in names


def test_other_networks_deploy_the_api_again(template: Template) -> None:
    networks = ["", "192.0.2.0/24", "192.0.2.0/24,198.51.100.0/24"]
    names = [deployment_of(deployed_for(template, allowed)) for allowed in networks]
    assert len(set(names)) == len(networks)
    assert names[0] == deployment_of(template)
    assert names[1] == deployment_of(deployed_for(template, networks[1]))


def test_nothing_of_it_is_there_unless_a_parameter_asks_for_it(template: Template) -> None:
    resources = template["Resources"]
    assert {name: resources[name]["Condition"] for name in ("WebAcl", "Domain", "DomainMapping")} == {
        "WebAcl": "HasWebAcl",
        "Domain": "HasDomain",
        "DomainMapping": "HasDomain",
    }
    parameters = ("AllowedNetworks", "WebAclArn", "DomainName", "CertificateArn", "AllowedOrigins")
    assert {template["Parameters"][name]["Default"] for name in parameters} == {""}


def test_a_name_is_regional_so_that_the_address_of_a_caller_stays_known(template: Template) -> None:
    domain = template["Resources"]["Domain"]["Properties"]
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert domain["SecurityPolicy"] == "TLS_1_2"
