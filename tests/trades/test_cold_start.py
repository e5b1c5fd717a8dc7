"""A new process that books a trade imports what a booking needs, beside the SDK."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from bench.starting import event
from tests.fixtures.trades import fields
from tests.test_house import ROOT, ours

SDK = """
import sys, botocore.session
botocore.session.get_session().create_client("dynamodb").list_tables()
print(*sys.modules)
"""
BOOKING = """
import json, sys
from app import app
answer = app(json.loads(sys.argv[1]), None)
assert answer["statusCode"] == 200, answer
print(*sys.modules)
"""
MODULE_BUDGET = 103
OF_OTHER_REQUESTS = {
    "chalicelib.access.model",
    "chalicelib.feeds.leases",
    "chalicelib.feeds.receipt",
    "chalicelib.imports.metrics",
    "chalicelib.trades.pages",
    "chalicelib.trades.statement",
    "chalicelib.trades.store",
    "chalicelib.web.negotiation",
}


def modules_after(script: str, *arguments: str) -> set[str]:
    environment = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "VOLTBOOK_"))}
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_first_booking_imports_what_it_needs(durable_tables: str) -> None:
    posted = json.dumps(event(fields()))
    added = modules_after(BOOKING, posted) - modules_after(SDK)
    assert sorted(added & OF_OTHER_REQUESTS) == []
    assert len(added) <= MODULE_BUDGET, f"{len(added)} modules, of which ours: {sorted(ours(added))}"
