"""The bucket of packages. Each is stored under its own hash, and uploaded once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_DEFAULT_REGION = "us-east-1"  # the one region that S3 does not accept as a location constraint
_ABSENT = frozenset({"404", "NoSuchBucket", "NoSuchKey", "NotFound"})


def ensure_bucket(s3: S3Client, account: str) -> str:
    region = s3.meta.region_name
    name = f"voltbook-packages-{account}-{region}"
    if not _exists(s3, name, account):
        location: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **({} if region == _DEFAULT_REGION else location))
        s3.get_waiter("bucket_exists").wait(Bucket=name)
    s3.put_public_access_block(
        Bucket=name,
        ExpectedBucketOwner=account,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
    return name


def upload(s3: S3Client, bucket: str, account: str, content: bytes, suffix: str) -> str:
    key = f"{hashlib.sha256(content).hexdigest()}{suffix}"
    try:
        s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=account)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        s3.put_object(Bucket=bucket, Key=key, Body=content, ExpectedBucketOwner=account)
    return key


def address(s3: S3Client, bucket: str, key: str) -> str:
    """Return an object's URL without a signature: CloudFormation reads it with the operator's rights."""
    signed = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})
    return signed.partition("?")[0]


def _exists(s3: S3Client, name: str, account: str) -> bool:
    """Return whether the bucket exists in this account. Raises ClientError if another account has it."""
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        return False
    return True
