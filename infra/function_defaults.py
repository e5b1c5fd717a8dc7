"""Adds what infra/functions.yaml describes for every function and table: names, logs, alarms and dead-letter queues."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from infra import ROOT
from infra.wheels import RUNTIME

FUNCTION: Final = "AWS::Serverless::Function"
AUTHORIZER: Final = "basic_auth"
_DESCRIBED: Final = (ROOT / "infra" / "functions.yaml").read_text("utf-8")

Resource = dict[str, Any]


def complete_functions(resources: dict[str, Resource]) -> None:
    for name, function in list(resources.items()):
        if function["Type"] != FUNCTION:
            continue
        properties = function["Properties"]
        handler = properties["Handler"].rpartition(".")[2]
        described = _described(
            NAME=name,
            FUNCTION=f"voltbook-${{Stage}}-{'api' if handler == 'app' else handler}",
            RUNTIME=f"python{RUNTIME}",
            TIMEOUT=properties["Timeout"],
            LIMIT=properties["Timeout"] * 900,  # 90 % of it, in milliseconds
        )
        events = properties.get("Events", {})
        parts = ["Function"]
        parts += [] if handler == AUTHORIZER else ["Errors"]
        parts += ["CalledByEvents"] if events else []
        for part in parts:
            properties |= described[part]["Properties"]
            resources |= described[part]["Resources"]
        for event in events.values():
            event["Properties"]["DeadLetterConfig"] = {"Arn": {"Fn::GetAtt": [f"{name}Dead", "Arn"]}}
            _limit_to_own_bucket(event["Properties"].get("Pattern", {}))


def _limit_to_own_bucket(pattern: Resource) -> None:
    # Chalice takes a pattern of literals only, which cannot name the stage's bucket.
    if "bucket" in pattern.get("detail", {}):
        pattern["detail"]["bucket"]["name"] = [{"Ref": "DailyFiles"}]


def throttle_alarms(resources: dict[str, Resource]) -> dict[str, Resource]:
    alarms: dict[str, Resource] = {}
    for name, table in resources.items():
        if table["Type"] == "AWS::DynamoDB::Table":
            alarms |= _described(NAME=name)["Table"]["Resources"]
            for index in table["Properties"].get("GlobalSecondaryIndexes", ()):
                words = {"INDEX": index["IndexName"], "TITLE": index["IndexName"].title().replace("_", "")}
                alarms |= _described(NAME=name, **words)["Index"]["Resources"]
    return alarms


def _described(**words: object) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load(re.sub("|".join(words), lambda word: str(words[word[0]]), _DESCRIBED))
