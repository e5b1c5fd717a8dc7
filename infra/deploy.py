"""`make deploy STAGE=dev`: package, upload, show the changes, ask, make them, and check that the API answers."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import boto3
import requests
from botocore.exceptions import BotoCoreError, ClientError

from infra import package
from infra.cloudformation import ChangeSet, DeployError, Say, Stack
from infra.package import Package
from infra.receivers import receivers
from infra.settings import read_settings
from infra.stack_parameters import (
    IMPORTER_CONCURRENCY,
    ORIGINS,
    changed_parameters,
    given_parameters,
    read_parameters,
    require_concurrency,
)
from infra.template import deployed_for, literally_named
from infra.wheels import PackageError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PROTECTED: Final = frozenset({"prod"})
"""Stages that `make destroy` deletes only if DESTROY names them."""
WAIT_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 1.0
_TIMEOUT_SECONDS: Final = 30
_US_EAST: Final = "us-east-1"  # the one region that S3 does not accept as a location constraint
_ABSENT: Final = frozenset({"404", "NoSuchBucket", "NoSuchKey", "NotFound"})
FAILURES: Final = (BotoCoreError, ClientError, DeployError, PackageError)
"""Errors that an operator can act on; any other is a defect and shows its traceback."""

NONE_GIVEN: Final[Mapping[str, str]] = {}
Agree = Callable[[str], bool]


class Unhealthy(Exception):
    """The API does not answer as it should; the message says what it answered."""


@dataclass(frozen=True, slots=True)
class Deployed:
    url: str
    changed: bool
    domain: str | None = None  # the API's own name, and where its DNS record must lead


def stack_of(stage: str, say: Say = print, pause: float = 2.0) -> Stack:
    tags = (("application", "voltbook"), ("stage", stage))  # which CloudFormation gives to the resources too
    return Stack(boto3.client("cloudformation"), f"voltbook-{stage}", say, pause, tags)


def deploy(
    made: Package, stack: Stack, described: Mapping[str, str], agree: Agree, given: Mapping[str, str] = NONE_GIVEN
) -> Deployed:
    """Deploy a package with the parameters of the stage's file and those that are given.

    Raises DeployError if that fails, or if the operator does not agree to the changes.
    """
    s3, account = boto3.client("s3"), str(boto3.client("sts").get_caller_identity()["Account"])
    bucket = ensure_bucket(s3, account)
    package_key = upload(s3, bucket, account, made.archive.read_bytes(), ".zip")
    stack.say(f"{bucket}: {package_key} ({made.size} bytes)")
    named = literally_named(json.loads(made.template.read_text("utf-8")), described["Stage"], account)
    known, present = named["Parameters"], stack.parameters()
    parameters = {**changed_parameters(known, described, given, present, stack.say), "ArtifactBucket": bucket}
    wanted = parameters.get(IMPORTER_CONCURRENCY) or present.get(IMPORTER_CONCURRENCY, "0")
    require_concurrency(int(wanted), int(present.get(IMPORTER_CONCURRENCY, "0")))
    allowed = [parameters.get(name, present.get(name, "")) for name in ("AllowedNetworks", ORIGINS)]
    content = json.dumps(deployed_for(named, *allowed)).encode()
    template = address_of(s3, bucket, upload(s3, bucket, account, content, ".json"))
    change_set = stack.prepare(template, parameters, kept=known.keys() - parameters)
    if change_set is not None:
        _change(stack, change_set, agree)
    if described["Stage"] in PROTECTED and not stack.protected():
        stack.protect(on=True)
    outputs = stack.outputs()
    return Deployed(url_of(outputs), change_set is not None, domain_of(outputs))


def _change(stack: Stack, change_set: ChangeSet, agree: Agree) -> None:
    lines = change_set.lines or ("  no resource, only the outputs of the stack",)
    stack.say(f"{stack.name} would change:\n" + "\n".join(lines))
    if not agree(f"Make these {len(lines)} changes?"):
        stack.forget(change_set.name)
        raise DeployError("nothing was changed")
    stack.execute(change_set)
    if differences := list(stack.drift(change_set.imported)):
        # CloudFormation takes them as they are, and later changes only the properties that change in the template.
        stack.say("What was imported differs from the template. Change it by hand:\n" + "\n".join(differences))


def ensure_bucket(s3: S3Client, account: str) -> str:
    """Return the bucket of packages. Raises ClientError if another account has it."""
    region = s3.meta.region_name
    name = f"voltbook-packages-{account}-{region}"
    if not _exists(s3.head_bucket, Bucket=name, ExpectedBucketOwner=account):
        location: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **({} if region == _US_EAST else location))
        s3.get_waiter("bucket_exists").wait(Bucket=name)
    kinds = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    blocked: Any = dict.fromkeys(kinds, True)
    s3.put_public_access_block(Bucket=name, ExpectedBucketOwner=account, PublicAccessBlockConfiguration=blocked)
    return name


def upload(s3: S3Client, bucket: str, account: str, content: bytes, suffix: str) -> str:
    """Store the content under its own hash, once. Return its key."""
    key = f"{hashlib.sha256(content).hexdigest()}{suffix}"
    if not _exists(s3.head_object, Bucket=bucket, Key=key, ExpectedBucketOwner=account):
        s3.put_object(Bucket=bucket, Key=key, Body=content, ExpectedBucketOwner=account)
    return key


def address_of(s3: S3Client, bucket: str, key: str) -> str:
    """Return an object's URL without a signature: CloudFormation reads it with the operator's rights."""
    signed = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})
    return signed.partition("?")[0]


def _exists(head: Callable[..., object], **names: str) -> bool:
    try:
        head(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        return False
    return True


def url_of(outputs: Mapping[str, str]) -> str:
    """Return the API's address without a slash at its end. An emulator serves the API under its own address."""
    emulator = read_settings().endpoint
    if emulator is None:
        return outputs["EndpointURL"].rstrip("/")
    return f"{emulator.rstrip('/')}/restapis/{outputs['RestAPIId']}/api/_user_request_"


def domain_of(outputs: Mapping[str, str]) -> str | None:
    if "DomainURL" not in outputs:
        return None
    return f"{outputs['DomainURL']}, once its DNS record is a CNAME or an alias of {outputs['DomainTarget']}"


def ask(question: str) -> bool:
    """Return whether the operator agrees: at the terminal, or by YES=1. Without a terminal the answer is no."""
    if read_settings().confirmed:
        return True
    if not sys.stdin.isatty():
        print("There is no terminal to ask at; YES=1 agrees.", file=sys.stderr)
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def smoke(url: str) -> str:
    """Check until the API passes: a gateway takes a moment to serve a deployment. Return the API's version."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return _check(url)
        except Unhealthy:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def _check(url: str) -> str:
    status, _, health = _get(f"{url}/v1/health")
    if status != 200 or health.get("status") != "ok":  # noqa: PLR2004 - HTTP's own number for "OK"
        raise Unhealthy(f"{url}/v1/health answers {status}: {health}")
    status, challenge, refusal = _get(f"{url}/v1/trades?trader_id=nobody")
    if (status, refusal.get("status_code")) != (401, 401) or not challenge:
        raise Unhealthy(f"without a login {url}/v1/trades answers {status} ({challenge or 'no challenge'}): {refusal}")
    return str(health["version"])


def _get(url: str) -> tuple[int, str | None, dict[str, Any]]:
    try:
        answer = requests.get(url, timeout=_TIMEOUT_SECONDS, auth=lambda request: request)  # no login, also of ~/.netrc
    except requests.RequestException as error:
        raise Unhealthy(f"{url} cannot be reached: {error}") from error
    try:
        read = answer.json()
    except ValueError:
        read = answer.text[:200]
    challenge = answer.headers.get("WWW-Authenticate")
    return answer.status_code, challenge, read if isinstance(read, dict) else {"body": read}


def main() -> int:
    settings = read_settings()
    stage = settings.stage
    try:
        described, given = read_parameters(stage), given_parameters(settings.parameters)
        stack = stack_of(stage)
        deployed = deploy(package.build(stage), stack, described, ask, given)
        version = smoke(deployed.url)
        received = list(receivers(stack))
    except FAILURES as error:
        print(f"not deployed: {error}", file=sys.stderr)
        return 1
    except Unhealthy as error:
        print(f"deployed, but not healthy: {error}", file=sys.stderr)
        return 1
    print(f"{'Deployed' if deployed.changed else 'Nothing to change'}: Voltbook {version} serves stage {stage} at")
    print(f"    {deployed.url}")
    if deployed.domain is not None:
        print(f"    {deployed.domain}")
    print("Who receives what:")
    print("\n".join(f"    {line}" for line in received))
    print("The API refuses requests without a login. Add the first login with your AWS credentials:")
    print(f"    .venv/bin/voltbook --book {stage} users add YOUR-NAME --role admin")
    return 0


if __name__ == "__main__":
    sys.exit(main())
