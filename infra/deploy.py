"""`make deploy STAGE=dev`: package, upload, show the changes, ask, make them, and check that the API answers."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from infra import artifacts, package
from infra.cloudformation import DeployError, Say, Stack
from infra.package import Package
from infra.settings import read_settings
from infra.smoke import Unhealthy, smoke
from infra.template import literally_named
from infra.wheels import PackageError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

PARAMETERS: Final = Path(__file__).resolve().parent / "parameters"
FAILURES: Final = (BotoCoreError, ClientError, DeployError, PackageError)
"""Errors that an operator can act on; any other is a defect and shows its traceback."""

Agree = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Deployed:
    url: str
    changed: bool


def stack_of(stage: str, say: Say = print, pause: float = 2.0) -> Stack:
    client: CloudFormationClient = boto3.client("cloudformation")
    return Stack(client, f"voltbook-{stage}", say, pause)


def deploy(made: Package, stack: Stack, parameters: Mapping[str, str], agree: Agree) -> Deployed:
    """Deploy a package. Raises DeployError if that fails, or if the operator does not agree to the changes."""
    s3, account = boto3.client("s3"), str(boto3.client("sts").get_caller_identity()["Account"])
    bucket = artifacts.ensure_bucket(s3, account)
    package_key = artifacts.upload(s3, bucket, account, made.archive.read_bytes(), ".zip")
    stack.say(f"{bucket}: {package_key} ({made.size} bytes)")
    named = literally_named(json.loads(made.template.read_text("utf-8")), parameters["Stage"], account)
    template_key = artifacts.upload(s3, bucket, account, json.dumps(named).encode(), ".json")
    template = artifacts.address(s3, bucket, template_key)
    given = {**parameters, "ArtifactBucket": bucket}
    change_set = stack.prepare(template, given, kept=named["Parameters"].keys() - given)
    if change_set.lines:
        stack.say(f"{stack.name} would change:\n" + "\n".join(change_set.lines))
        if not agree(f"Make these {len(change_set.lines)} changes?"):
            stack.forget(change_set.name)
            raise DeployError("nothing was changed")
        stack.execute(change_set)
    return Deployed(url_of(stack.outputs()), bool(change_set.lines))


def read_parameters(stage: str, more: str = "") -> dict[str, str]:
    path = PARAMETERS / f"{stage}.yaml"
    if not re.fullmatch(r"[a-z0-9-]+", stage) or not path.is_file():
        stages = ", ".join(sorted(file.stem for file in PARAMETERS.glob("*.yaml")))
        raise DeployError(f"unknown stage {stage!r}; expected one of infra/parameters/: {stages}")
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    pairs = dict(pair.partition("=")[::2] for pair in more.split())
    return {"Stage": stage, **{name: str(value) for name, value in read.items()}, **pairs}


def url_of(outputs: Mapping[str, str]) -> str:
    """Return the API's address without a slash at its end. An emulator serves the API under its own address."""
    emulator = read_settings().endpoint
    if emulator is None:
        return outputs["EndpointURL"].rstrip("/")
    return f"{emulator.rstrip('/')}/restapis/{outputs['RestAPIId']}/api/_user_request_"


def ask(question: str) -> bool:
    """Return whether the operator agrees: at the terminal, or by YES=1. Without a terminal the answer is no."""
    if read_settings().confirmed:
        return True
    if not sys.stdin.isatty():
        print("There is no terminal to ask at; YES=1 agrees.", file=sys.stderr)
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def main() -> int:
    settings = read_settings()
    stage = settings.stage
    try:
        parameters = read_parameters(stage, settings.parameters)
        deployed = deploy(package.build(stage), stack_of(stage), parameters, ask)
        version = smoke(deployed.url)
    except FAILURES as error:
        print(f"not deployed: {error}", file=sys.stderr)
        return 1
    except Unhealthy as error:
        print(f"deployed, but not healthy: {error}", file=sys.stderr)
        return 1
    print(f"{'Deployed' if deployed.changed else 'Nothing to change'}: Voltbook {version} serves stage {stage} at")
    print(f"    {deployed.url}")
    print("and refuses requests without a login. Add the first login with your AWS credentials:")
    print(f"    .venv/bin/voltbook --book {stage} users add YOUR-NAME --role admin")
    return 0


if __name__ == "__main__":
    sys.exit(main())
