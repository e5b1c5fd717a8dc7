"""The bucket that packages are uploaded to, each under its own hash: what is there already is not sent again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_UNNAMED = "us-east-1"  # the one region that S3 does not want to be told
_ABSENT = frozenset({"404", "NoSuchBucket", "NoSuchKey", "NotFound"})


def ensure_bucket(s3: S3Client, account: str) -> str:
    """Make the account's bucket for packages in this region if it is not there; gives its name."""
    region = s3.meta.region_name
    name = f"voltbook-packages-{account}-{region}"
    if not _there(s3, name, account):
        place: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **({} if region == _UNNAMED else place))
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
    """Upload what a file holds under its SHA-256 unless it is there; gives the key."""
    key = f"{hashlib.sha256(content).hexdigest()}{suffix}"
    try:
        s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=account)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        s3.put_object(Bucket=bucket, Key=key, Body=content, ExpectedBucketOwner=account)
    return key


def address(s3: S3Client, bucket: str, key: str) -> str:
    """Give an object's address without a signature, as CloudFormation, which reads it with our rights, wants it."""
    signed = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key})
    return signed.partition("?")[0]


def _there(s3: S3Client, name: str, account: str) -> bool:
    """Tell whether the bucket is there and ours; one of that name in another account is an error, not ours to use."""
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        return False
    return True
