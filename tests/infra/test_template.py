"""What the linters of the template do not ask: that nothing can be lost, leaked, forgotten or waited for in vain."""

from __future__ import annotations

import json
import os
import re
import runpy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from chalicelib.access.authorizer import CACHED_SECONDS
from chalicelib.web.responses import PLATFORM
from infra import ROOT
from infra.gateway_responses import EXTENSION
from infra.stack_parameters import PARAMETERS, read_parameters
from infra.template import _expand_sam, _merge, literally_named

Template = dict[str, Any]
ASYNCHRONOUS = sorted(path.stem for path in (ROOT / "functions").glob("[a-z]*.py"))
SECRET = re.compile(r"secret|password|passwd|token|credential|api_?key|private", re.IGNORECASE)


def of_type(template: Template, kind: str) -> dict[str, Any]:
    return {name: one for name, one in template["Resources"].items() if one["Type"] == kind}


def functions(template: Template) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in of_type(template, "AWS::Lambda::Function").items()}


def arn(name: str) -> Template:
    return {"Fn::GetAtt": [name, "Arn"]}


@pytest.mark.parametrize("kind", ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"])
def test_no_deployment_can_take_the_book_or_the_files_with_it(template: Template, kind: str) -> None:
    held = of_type(template, kind)
    assert held
    assert {(one["DeletionPolicy"], one["UpdateReplacePolicy"]) for one in held.values()} == {("Retain", "Retain")}
    if kind == "AWS::DynamoDB::Table":
        assert all(one["Properties"]["DeletionProtectionEnabled"] is True for one in held.values())


def test_what_outlives_its_stack_is_named_so_that_a_new_one_imports_it(template: Template) -> None:
    named = literally_named(template, "prod", "123456789012")["Resources"]
    assert named["DailyFiles"]["Properties"]["BucketName"] == "voltbook-prod-daily-files-123456789012"
    assert named["DailyFilesPolicy"]["Properties"]["Bucket"] == "voltbook-prod-daily-files-123456789012"


def test_replaced_versions_of_a_daily_file_are_kept_for_400_days(template: Template) -> None:
    [rule] = template["Resources"]["DailyFiles"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["NoncurrentVersionExpiration"]) == ("Enabled", {"NoncurrentDays": 400})
    assert "ExpirationInDays" not in rule


def test_no_variable_of_a_function_holds_a_secret(template: Template) -> None:
    for function in functions(template).values():
        variables = function["Environment"]["Variables"]
        assert [name for name in variables if SECRET.search(name)] == []
        assert all(isinstance(value, dict) or value in {"dev", "prod"} for value in variables.values())
    assert [name for name in template["Parameters"] if SECRET.search(name)] == []


def test_every_function_has_a_name_a_trace_and_a_log_that_ends(template: Template) -> None:
    for name, function in functions(template).items():
        assert function["FunctionName"]["Fn::Sub"].startswith("voltbook-${Stage}-")
        assert function["TracingConfig"] == {"Mode": "Active"}
        assert function["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}Log"}}
        log = template["Resources"][f"{name}Log"]["Properties"]
        assert log["LogGroupName"] == {"Fn::Sub": f"/aws/lambda/{function['FunctionName']['Fn::Sub']}"}
    assert {
        json.dumps(one["Properties"]["RetentionInDays"]) for one in of_type(template, "AWS::Logs::LogGroup").values()
    } == {'{"Ref": "LogRetentionDays"}'}


@pytest.mark.parametrize("function", ASYNCHRONOUS)
def test_an_event_that_failed_for_good_goes_to_a_queue_with_an_alarm(template: Template, function: str) -> None:
    name, resources = function.title().replace("_", ""), template["Resources"]
    invoked = resources[f"{name}EventInvokeConfig"]["Properties"]
    assert invoked["DestinationConfig"] == {"OnFailure": {"Destination": arn(f"{name}Dead")}}
    assert invoked["MaximumRetryAttempts"] == 2
    targets = [
        target
        for rule in of_type(template, "AWS::Events::Rule").values()
        for target in rule["Properties"]["Targets"]
        if target["Arn"] == arn(name)
    ]
    assert [target["DeadLetterConfig"] for target in targets] == [{"Arn": arn(f"{name}Dead")}]
    queue = resources[f"{name}Dead"]["Properties"]
    assert (queue["SqsManagedSseEnabled"], queue["MessageRetentionPeriod"]) == (True, 14 * 86_400)
    [dimension] = resources[f"{name}DeadAlarm"]["Properties"]["Dimensions"]
    assert dimension["Value"] == {"Fn::GetAtt": [f"{name}Dead", "QueueName"]}


def test_every_function_fails_loudly(template: Template) -> None:
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    for name, function in functions(template).items():
        watched = {
            (one["Properties"]["MetricName"], one["Properties"]["Threshold"])
            for one in alarms.values()
            if one["Properties"].get("Dimensions") == [{"Name": "FunctionName", "Value": {"Ref": name}}]
        }
        errors = {("Errors", 0)} if name != "BasicAuth" else set()
        assert watched == {*errors, ("Throttles", 0), ("Duration", function["Timeout"] * 900)} | {
            (metric, threshold) for metric, threshold in watched if metric == "AsyncEventAge"
        }


def test_a_wrong_password_raises_no_alarm_and_a_failing_authorizer_does(template: Template) -> None:
    alarm = template["Resources"]["AuthorizerFailsAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Voltbook", "AuthorizerErrors")


def test_every_table_and_index_that_cannot_keep_up_raises_an_alarm(template: Template) -> None:
    watched = {
        tuple(json.dumps(dimension["Value"]) for dimension in metric["Dimensions"])
        for metric in filled_metrics(template)
        if metric["MetricName"] == "WriteThrottleEvents"
    }
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        said = json.dumps({"Ref": name})
        assert (said,) in watched
        assert {
            (said, json.dumps(i["IndexName"])) for i in table["Properties"].get("GlobalSecondaryIndexes", ())
        } <= watched


def test_as_many_imports_run_at_once_as_the_stage_says(template: Template) -> None:
    reserved = template["Resources"]["ImportDailyFile"]["Properties"]["ReservedConcurrentExecutions"]
    assert reserved == {"Fn::If": ["ReservesImporter", {"Ref": "ImporterConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert (read_parameters("dev")["ImporterConcurrency"], read_parameters("prod")["ImporterConcurrency"]) == ("0", "2")


def test_45_minutes_without_a_poll_raise_an_alarm_and_so_does_silence(template: Template) -> None:
    alarm = template["Resources"]["NoPollAlarm"]["Properties"]
    filled, polls = alarm["Metrics"]
    assert (filled["Expression"], polls["ReturnData"]) == ("FILL(polls, 0)", False)
    assert polls["MetricStat"]["Period"] * alarm["EvaluationPeriods"] == 45 * 60
    assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
    assert (polls["MetricStat"]["Stat"], alarm["ComparisonOperator"]) == ("Sum", "LessThanThreshold")
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (1, "breaching")


def test_the_costs_count_the_alarms_of_the_template(template: Template) -> None:
    costs = runpy.run_path(str(ROOT / "docs" / "costs.py"), run_name="costs")
    assert costs["alarms"]() == len(of_type(template, "AWS::CloudWatch::Alarm"))


def test_alarms_of_dynamodb_fill_missing_data_and_so_return_to_ok(template: Template) -> None:
    for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"].get("Namespace") != "AWS/DynamoDB"
    metrics = {metric["MetricName"] for metric in filled_metrics(template)}
    assert metrics == {"Invocations", "WriteThrottleEvents", "TransactionConflict"}


def filled_metrics(template: Template) -> Iterator[dict[str, Any]]:
    for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
        if "Metrics" in alarm["Properties"]:
            filled, metric = alarm["Properties"]["Metrics"]
            assert filled["Expression"] == f"FILL({metric['Id']}, 0)"
            assert metric["ReturnData"] is False
            yield metric["MetricStat"]["Metric"]


def test_somebody_hears_of_every_alarm_and_of_its_end(template: Template) -> None:
    for alarm in of_type(template, "AWS::CloudWatch::Alarm").values():
        assert (alarm["Properties"]["AlarmActions"], alarm["Properties"]["OKActions"]) == ([{"Ref": "Alarms"}],) * 2
        assert alarm["Properties"]["AlarmDescription"]
    [mail] = [
        one
        for one in of_type(template, "AWS::SNS::Subscription").values()
        if one["Properties"]["TopicArn"] == {"Ref": "Alarms"}
    ]
    assert mail["Properties"]["Endpoint"] == {"Ref": "AlarmsEmail"}


def test_our_metrics_have_one_dimension_the_stage(template: Template) -> None:
    ours = [
        one["Properties"]
        for one in of_type(template, "AWS::CloudWatch::Alarm").values()
        if one["Properties"].get("Namespace") == "Voltbook"
    ]
    names = {"AuthorizerErrors", "FilesLate", "MailsUnsent", "NoticesUnsent", "TraderDaysCrowded"}
    assert {one["MetricName"] for one in ours} == names
    assert all(one["Dimensions"] == [{"Name": "Stage", "Value": {"Ref": "Stage"}}] for one in ours)


def test_a_login_is_remembered_for_a_minute(template: Template) -> None:
    body = template["Resources"]["RestAPI"]["Properties"]["Body"]
    [authorizer] = [one["x-amazon-apigateway-authorizer"] for one in body["securityDefinitions"].values()]
    assert authorizer["authorizerResultTtlInSeconds"] == CACHED_SECONDS == 60


def test_a_verdict_is_kept_for_the_login_and_the_address_together(template: Template) -> None:
    body = template["Resources"]["RestAPI"]["Properties"]["Body"]
    [authorizer] = [one["x-amazon-apigateway-authorizer"] for one in body["securityDefinitions"].values()]
    assert authorizer["type"] == "request"
    assert {source.strip() for source in authorizer["identitySource"].split(",")} == {
        "method.request.header.Authorization",
        "context.identity.sourceIp",
    }


def test_the_gateway_refuses_in_our_words(template: Template) -> None:
    responses = template["Resources"]["RestAPI"]["Properties"]["Body"][EXTENSION]
    for kind, response in responses.items():
        said = json.loads(response["responseTemplates"]["application/json"])
        status = response["statusCode"]
        code, message = PLATFORM[status]
        if kind == "ACCESS_DENIED":  # a role without the route, or a place that must wait: the authorizer knows which
            code, message = "$context.authorizer.code", "$context.authorizer.message"
        assert said == {
            "status_code": status,
            "message": message,
            "code": code,
            "request_id": "$context.requestId",
        }, kind
    headers = responses["UNAUTHORIZED"]["responseParameters"]
    assert headers["gatewayresponse.header.WWW-Authenticate"] == '\'Basic realm="voltbook", charset="UTF-8"\''
    headers = responses["ACCESS_DENIED"]["responseParameters"]
    assert headers["gatewayresponse.header.Retry-After"] == "context.authorizer.retry_after"
    assert len(responses) == 21
    unknown_path = ("MISSING_AUTHENTICATION_TOKEN", "INVALID_SIGNATURE", "EXPIRED_TOKEN", "RESOURCE_NOT_FOUND")
    assert {responses[kind]["statusCode"] for kind in unknown_path} == {404}


def test_only_objects_of_the_stage_s_own_bucket_start_an_import(template: Template) -> None:
    patterns = [rule["Properties"].get("EventPattern", {}) for rule in of_type(template, "AWS::Events::Rule").values()]
    [pattern] = [pattern for pattern in patterns if "aws.s3" in pattern.get("source", ())]
    assert pattern["detail"]["bucket"]["name"] == [{"Ref": "DailyFiles"}]


def test_the_api_is_throttled_logged_and_traced(template: Template) -> None:
    stage = template["Resources"]["RestAPIapiStage"]["Properties"]
    [everything] = stage["MethodSettings"]
    assert (everything["ResourcePath"], everything["HttpMethod"]) == ("/*", "*")
    assert everything["ThrottlingRateLimit"] == {"Ref": "ApiRatePerSecond"}
    assert stage["AccessLogSetting"]["DestinationArn"] == arn("ApiAccessLog")
    assert "authorization" not in stage["AccessLogSetting"]["Format"].lower()
    logged = json.loads(stage["AccessLogSetting"]["Format"])
    assert (logged["request_id"], logged["source"]) == ("$context.requestId", "$context.identity.sourceIp")
    assert not everything.get("MetricsEnabled")  # by method: paid for, and no alarm reads them
    assert stage["TracingEnabled"] is True


def test_nothing_is_taken_over_an_open_line(template: Template) -> None:
    policies = [
        one
        for one in template["Resources"].values()
        if one["Type"].endswith(("BucketPolicy", "TopicPolicy", "QueuePolicy"))
    ]
    for policy in policies:
        refused = [one for one in policy["Properties"]["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]
        assert [one["Condition"] for one in refused] == [{"Bool": {"aws:SecureTransport": "false"}}]
    closed = len(of_type(template, "AWS::SNS::Topic")) + len(ASYNCHRONOUS) + 1
    assert len(policies) == closed


def test_only_prod_and_dev_s_parameters_and_configuration_differ(template: Template) -> None:
    assert {path.stem for path in PARAMETERS.glob("*.yaml")} == {"dev", "prod"}
    for stage in ("dev", "prod"):
        assert read_parameters(stage).keys() <= template["Parameters"].keys()
    config = json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))["stages"]
    variables = {stage: one.pop("environment_variables") for stage, one in config.items()}
    assert variables == {stage: {"VOLTBOOK_STAGE": stage} for stage in ("dev", "prod")}
    assert config["dev"] == config["prod"]


def test_what_two_files_describe_differently_is_refused() -> None:
    with pytest.raises(ValueError, match=r"b\.yaml: Period is also defined in another file"):
        _merge({"Alarm": {"Period": 1}}, {"Alarm": {"Period": 2}}, "b.yaml")


@pytest.mark.parametrize("name", ["checkov.yaml", "cfnlint.yaml"])
def test_every_check_that_is_left_out_says_why(name: str) -> None:
    text = (ROOT / "infra" / name).read_text("utf-8")
    left_out = re.findall(r"^ +- [A-Z]+\w*\d.*$", text, re.MULTILINE)
    assert [line for line in left_out if not re.search(r"# .* ", line)] == []
    assert yaml.safe_load(text)


def test_template_is_the_same_without_a_region_and_no_variable_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    function = {"Handler": "app.app", "Runtime": "python3.11", "CodeUri": "s3://bucket/key"}
    sam = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": function}},
    }
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with_region = _expand_sam(json.loads(json.dumps(sam)))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    before = dict(os.environ)

    assert _expand_sam(json.loads(json.dumps(sam))) == with_region
    assert dict(os.environ) == before
