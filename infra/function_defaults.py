"""What every function and table gets: a name, a log, alarms, and a dead-letter queue for failed events."""

from __future__ import annotations

from typing import Any, Final

FUNCTION: Final = "AWS::Serverless::Function"
NEAR_THE_LIMIT: Final = 90
"""Percent of its timeout: a longer run raises an alarm before one times out."""
OLDEST_EVENT_SECONDS: Final = 21_600
"""Six hours, the longest that Lambda retries: an import may wait for its turn that long."""

Resource = dict[str, Any]


def complete_functions(resources: dict[str, Resource]) -> None:
    for name, function in list(resources.items()):
        if function["Type"] != FUNCTION:
            continue
        handler = function["Properties"]["Handler"].rpartition(".")[2]
        function_name = {"Fn::Sub": f"voltbook-${{Stage}}-{'api' if handler == 'app' else handler}"}
        function["Properties"] |= {"FunctionName": function_name, "LoggingConfig": {"LogGroup": {"Ref": f"{name}Log"}}}
        resources[f"{name}Log"] = _log(function_name)
        resources |= {f"{name}{kind}Alarm": alarm for kind, alarm in _alarms(name, function["Properties"]).items()}
        if "Events" in function["Properties"]:
            resources |= _asynchronous(name, function["Properties"])


def throttle_alarms(resources: dict[str, Resource]) -> dict[str, Resource]:
    tables = {name: table for name, table in resources.items() if table["Type"] == "AWS::DynamoDB::Table"}
    alarms: dict[str, Resource] = {}
    for name, table in tables.items():
        description = f"Writes to {name} are throttled"
        alarms[f"{name}ThrottledAlarm"] = _throttled(description, {"TableName": {"Ref": name}})
        for index in table["Properties"].get("GlobalSecondaryIndexes", ()):
            index_name = index["IndexName"]
            dimensions = {"TableName": {"Ref": name}, "GlobalSecondaryIndexName": index_name}
            alarm = _throttled(f"{description} by its index {index_name}", dimensions)
            alarms[f"{name}{index_name.title().replace('_', '')}ThrottledAlarm"] = alarm
    return alarms


def _log(function_name: Resource) -> Resource:
    return {
        "Type": "AWS::Logs::LogGroup",
        # A function may write after its log was deleted. That creates the log again, which blocks the next deployment.
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "LogGroupName": {"Fn::Sub": f"/aws/lambda/{function_name['Fn::Sub']}"},
            "RetentionInDays": {"Ref": "LogRetentionDays"},
        },
    }


def _alarms(name: str, properties: Resource) -> dict[str, Resource]:
    limit = properties["Timeout"] * 1000 * NEAR_THE_LIMIT // 100
    dimensions = {"FunctionName": {"Ref": name}}
    return {
        "Fails": _alarm(f"{name} fails", "AWS/Lambda", "Errors", dimensions),
        "Throttled": _alarm(f"{name} may not run as often as it is called", "AWS/Lambda", "Throttles", dimensions),
        "Slow": _alarm(
            f"{name} runs for over {limit} ms, and ends at {properties['Timeout']} s",
            "AWS/Lambda",
            "Duration",
            dimensions,
            statistic="Maximum",
            threshold=limit,
        ),
    }


def _asynchronous(name: str, properties: Resource) -> dict[str, Resource]:
    """Send the events that EventBridge cannot deliver or the function cannot handle to a queue. Return that queue."""
    queue = {"Fn::GetAtt": [f"{name}Dead", "Arn"]}
    for event in properties["Events"].values():
        event["Properties"]["DeadLetterConfig"] = {"Arn": queue}
    properties["EventInvokeConfig"] = {
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": OLDEST_EVENT_SECONDS,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": queue}},
    }
    dimensions = {"QueueName": {"Fn::GetAtt": [f"{name}Dead", "QueueName"]}}
    visible = "ApproximateNumberOfMessagesVisible"
    alarm = _alarm(
        f"Events that {name} could not handle wait to be looked at", "AWS/SQS", visible, dimensions, "Maximum"
    )
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


def _throttled(description: str, dimensions: Resource) -> Resource:
    return _alarm(description, "AWS/DynamoDB", "WriteThrottleEvents", dimensions)


def _alarm(
    description: str, namespace: str, metric: str, dimensions: Resource, statistic: str = "Sum", threshold: int = 0
) -> Resource:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": description,
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
