"""Fee rates in a file: the JSON that `voltbook fees list` prints, or its CSV."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Final

from chalicelib.common.csv_records import Header, Record, UnreadableFile, read_header, read_records
from chalicelib.common.errors import Problem
from chalicelib.common.strict_json import read_object
from chalicelib.fees.fee_list import MAX_BYTES, parse_fees, read_fees
from chalicelib.fees.model import FEE_FIELDS, FeeRate, FeeTable

_RATE: Final = "rate_eur_mwh"
_CUT: Final = Problem("row", "must end with a line end: the file may be cut short")


def fees_in(content: bytes, revision: int | None) -> FeeTable:
    """Return the rates of a file and the revision that they replace: the given one, else the file's own, else 0.

    Raises InvalidJson, InvalidFees with all problems, or UnreadableFile.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        fields = read_object(content.removeprefix(b"\xef\xbb\xbf"), MAX_BYTES)
        return parse_fees({"revision": 0} | fields | ({} if revision is None else {"revision": revision}))
    return FeeTable(_csv(content), revision or 0)


def _csv(content: bytes) -> tuple[FeeRate, ...]:
    if len(content) > MAX_BYTES:
        raise UnreadableFile(f"the file has {len(content)} bytes, at most {MAX_BYTES} are read")
    lines = io.BytesIO(content)
    header = read_header(lines.readline(), FEE_FIELDS, "a file of fees")
    if header.ignored:
        unknown = ", ".join(map(repr, header.ignored))
        raise UnreadableFile(f"line 1 has unknown columns: {unknown}; expected: {', '.join(FEE_FIELDS)}")
    records = list(read_records(lines, header, ()))
    if not records:
        raise UnreadableFile('the file has no fees; to remove all fees, use JSON with "fees": []')
    records = [_with_decimal_comma(record, header) for record in records]
    entries = ((record.line, record.fields) for record in records if not record.problems)
    return read_fees(entries, lambda line, name: f"line {line} {name}", list(_faults(records)))


def _with_decimal_comma(record: Record, header: Header) -> Record:
    """Return a line whose rate at its end was split at its comma with all its fields; the rate is refused by itself."""
    *others, whole, decimals = record.text.split(",") if record.problems else ("", "")
    fields = dict(zip(header.columns, [*others, f"{whole},{decimals}"], strict=False))
    is_split = len(fields) == len(header.columns) == len(others) + 1 and header.last == _RATE and whole and decimals
    return record._replace(fields=fields, problems=()) if is_split else record


def _faults(records: Iterable[Record]) -> Iterator[Problem]:
    for record in records:
        for problem in (*record.problems, *([_CUT] if record.cut else [])):
            yield Problem(f"line {record.line} {problem.field}", problem.message)
