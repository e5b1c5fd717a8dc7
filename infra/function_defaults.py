"""What every function and every table gets alike: a name, a log, alarms, and a place for events that failed."""

from __future__ import annotations

from typing import Any, Final

FUNCTION: Final = "AWS::Serverless::Function"
NEAR_THE_LIMIT: Final = 90
"""Percent of its timeout: a run that takes longer raises an alarm before one is cut off."""
OLDEST_EVENT_SECONDS: Final = 21_600
"""Six hours, the longest that Lambda tries again: an import may wait for its turn that long."""

Resource = dict[str, Any]


def complete_functions(resources: dict[str, Resource]) -> None:
    """Complete the functions in place and add what belongs to them."""
    for name, function in list(resources.items()):
        if function["Type"] != FUNCTION:
            continue
        plain = function["Properties"]["Handler"].rpartition(".")[2]
        called = {"Fn::Sub": f"voltbook-${{Stage}}-{'api' if plain == 'app' else plain}"}
        function["Properties"] |= {"FunctionName": called, "LoggingConfig": {"LogGroup": {"Ref": f"{name}Log"}}}
        resources[f"{name}Log"] = _log(called)
        resources |= {f"{name}{kind}Alarm": alarm for kind, alarm in _alarms(name, function["Properties"]).items()}
        if "Events" in function["Properties"]:
            resources |= _asynchronous(name, function["Properties"])


def throttle_alarms(resources: dict[str, Resource]) -> dict[str, Resource]:
    """Give an alarm for each table and each index that could not write as fast as asked."""
    tables = {name: table for name, table in resources.items() if table["Type"] == "AWS::DynamoDB::Table"}
    alarms: dict[str, Resource] = {}
    for name, table in tables.items():
        said = f"Writes to {name} are throttled"
        alarms[f"{name}ThrottledAlarm"] = _throttled(said, {"TableName": {"Ref": name}})
        for index in table["Properties"].get("GlobalSecondaryIndexes", ()):
            of = index["IndexName"]
            dimensions = {"TableName": {"Ref": name}, "GlobalSecondaryIndexName": of}
            alarm = _throttled(f"{said} by its index {of}", dimensions)
            alarms[f"{name}{of.title().replace('_', '')}ThrottledAlarm"] = alarm
    return alarms


def _log(function_name: Resource) -> Resource:
    return {
        "Type": "AWS::Logs::LogGroup",
        # A function writes its last lines after its log was deleted, which makes it anew, for ever and in the way.
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "LogGroupName": {"Fn::Sub": f"/aws/lambda/{function_name['Fn::Sub']}"},
            "RetentionInDays": {"Ref": "LogRetentionDays"},
        },
    }


def _alarms(name: str, properties: Resource) -> dict[str, Resource]:
    near = properties["Timeout"] * 1000 * NEAR_THE_LIMIT // 100
    of = {"FunctionName": {"Ref": name}}
    return {
        "Fails": _alarm(f"{name} fails", "AWS/Lambda", "Errors", of),
        "Throttled": _alarm(f"{name} may not run as often as it is called", "AWS/Lambda", "Throttles", of),
        "Slow": _alarm(
            f"{name} runs for over {near} ms, and ends at {properties['Timeout']} s",
            "AWS/Lambda",
            "Duration",
            of,
            statistic="Maximum",
            threshold=near,
        ),
    }


def _asynchronous(name: str, properties: Resource) -> dict[str, Resource]:
    """Give the queue of what failed for good, and send there what EventBridge cannot hand over or Lambda cannot run."""
    dead = {"Fn::GetAtt": [f"{name}Dead", "Arn"]}
    for event in properties["Events"].values():
        event["Properties"]["DeadLetterConfig"] = {"Arn": dead}
    properties["EventInvokeConfig"] = {
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": OLDEST_EVENT_SECONDS,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": dead}},
    }
    queued = {"QueueName": {"Fn::GetAtt": [f"{name}Dead", "QueueName"]}}
    visible = "ApproximateNumberOfMessagesVisible"
    alarm = _alarm(f"Events that {name} could not handle wait to be looked at", "AWS/SQS", visible, queued, "Maximum")
    return {f"{name}Dead": _queue(properties), f"{name}DeadPolicy": _queue_policy(name), f"{name}DeadAlarm": alarm}


def _queue(properties: Resource) -> Resource:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": {"Fn::Sub": f"{properties['FunctionName']['Fn::Sub']}-dead"},
            "MessageRetentionPeriod": 14 * 24 * 60 * 60,
            "SqsManagedSseEnabled": True,
        },
    }


def _queue_policy(name: str) -> Resource:
    arn = {"Fn::GetAtt": [f"{name}Dead", "Arn"]}
    statements = [
        {
            "Sid": "RulesOfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
        },
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": f"{name}Dead"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }


def _throttled(said: str, dimensions: Resource) -> Resource:
    return _alarm(said, "AWS/DynamoDB", "WriteThrottleEvents", dimensions)


def _alarm(
    said: str, namespace: str, metric: str, dimensions: Resource, statistic: str = "Sum", threshold: int = 0
) -> Resource:
    """Give an alarm on five minutes in which the metric was over the threshold."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": said,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Statistic": statistic,
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "Alarms"}],
            "OKActions": [{"Ref": "Alarms"}],
        },
    }
