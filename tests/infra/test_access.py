"""Who reaches the API: all of it is optional, and off unless a parameter asks for it."""

from __future__ import annotations

from typing import Any

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
    parameters = ("AllowedNetworks", "WebAclArn", "DomainName", "CertificateArn")
    assert {template["Parameters"][name]["Default"] for name in parameters} == {""}


def test_a_name_is_regional_so_that_the_address_of_a_caller_stays_known(template: Template) -> None:
    domain = template["Resources"]["Domain"]["Properties"]
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert domain["SecurityPolicy"] == "TLS_1_2"
