"""The operator's pages are complete: every field, metric, alarm and table is in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests.functions import test_measures
from tests.web import test_request_log

ROOT = Path(__file__).resolve().parents[1]
MONITORING = (ROOT / "docs" / "reference" / "monitoring.md").read_text("utf-8")
RESTORE = (ROOT / "docs" / "how-to" / "back-up.md").read_text("utf-8")


def test_every_field_of_a_line_is_explained() -> None:
    fields = {*test_request_log.FACTS, *test_request_log.ALWAYS, *test_measures.FACTS, *test_measures.ALWAYS}
    assert [field for field in sorted(fields) if f"`{field}`" not in MONITORING] == []


def test_every_metric_is_explained() -> None:
    assert [metric for metric in sorted(test_measures.METRICS) if f"`{metric}`" not in MONITORING] == []


def test_every_alarm_that_has_a_name_of_its_own_is_explained() -> None:
    described: list[dict[str, Any]] = [
        resource
        for path in (ROOT / "infra").glob("*.yaml")
        for resource in (yaml.safe_load(path.read_text("utf-8")).get("Resources") or {}).values()
        if resource.get("Type") == "AWS::CloudWatch::Alarm"
    ]
    names = [str(alarm["Properties"]["AlarmName"]["Fn::Sub"]).replace("${Stage}", "prod") for alarm in described]
    assert [name for name in names if f"`{name}`" not in MONITORING] == []


def test_every_table_is_restored() -> None:
    from chalicelib.admin.tables import MODELS

    restored = re.search(r"For each of (.*?):", RESTORE)
    assert restored is not None
    assert tuple(re.findall(r"`(\w+)`", restored[1])) == tuple(MODELS)
