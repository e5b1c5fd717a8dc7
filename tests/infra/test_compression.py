"""Compression on the local stack is that of API Gateway's `minimum_compression_size`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from infra.local.gateway import MIN_COMPRESSED_BYTES, compress
from infra.local.server import Response

LONG = Response(200, (("Content-Type", "text/css"),), b"x" * MIN_COMPRESSED_BYTES)


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "GZIP", "*", "deflate, x-gzip"])
def test_what_is_long_is_sent_in_gzip_to_whoever_takes_it(accepted: str) -> None:
    sent = compress(LONG, accepted)
    assert dict(sent.headers) == {"Content-Type": "text/css", "Content-Encoding": "gzip"}
    assert gzip.decompress(sent.body) == LONG.body
    assert len(sent.body) < MIN_COMPRESSED_BYTES / 10
    assert sent.body[4:8] == bytes(4), "no time, so that the same answer has the same bytes"


@pytest.mark.parametrize("accepted", [None, "", "identity", "br", "gzip;q=0", "gzip; q=0.0", "gzipped"])
def test_whoever_does_not_take_it_gets_the_bytes_as_they_are(accepted: str | None) -> None:
    assert compress(LONG, accepted) is LONG


def test_what_is_longer_is_sent_in_gzip_too() -> None:
    longer = Response(200, (), b"x" * (MIN_COMPRESSED_BYTES + 1))
    assert gzip.decompress(compress(longer, "gzip").body) == longer.body


def test_what_is_short_or_encoded_already_stays_as_it_is() -> None:
    short = Response(200, (), b"x" * (MIN_COMPRESSED_BYTES - 1))
    encoded = Response(200, (("content-encoding", "br"),), LONG.body)
    assert (compress(short, "gzip"), compress(encoded, "gzip")) == (short, encoded)


def test_the_deployed_stages_compress_from_the_same_size_on() -> None:
    config = json.loads((Path(__file__).resolve().parents[2] / ".chalice" / "config.json").read_text("utf-8"))
    assert config["minimum_compression_size"] == MIN_COMPRESSED_BYTES
