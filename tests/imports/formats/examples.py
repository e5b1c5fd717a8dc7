"""Files of trades in the v2 form."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from chalicelib.imports.formats.head import read_head
from chalicelib.imports.formats.reading import Format, Reading, Row, as_fields, collect
from chalicelib.imports.formats.unpacked import unpacked
from chalicelib.trades.statement import STATED
from tests.fixtures.statements import stated

V2_HEADER: Final = ",".join(STATED) + "\n"


def v2_line(**changes: Any) -> str:
    return ",".join(str(stated(**changes).get(name) or "") for name in STATED) + "\n"


def rows_of(form: Format, content: bytes, file_day: date | None = None) -> list[Row]:
    with unpacked(io.BytesIO(content)) as plain:
        return list(form.read(plain, read_head(plain), file_day))


def reading_of(form: Format, content: bytes, file_day: date | None = None) -> Reading:
    return collect(form, iter(rows_of(form, content, file_day)))


def fields_with_problems(rows: Sequence[Row]) -> dict[int, list[str]]:
    return {row.line: [problem.field for problem in row.problems] for row in rows if row.problems}


def as_stated(reading: Reading) -> list[dict[str, Any]]:
    """Return the trades as the worked examples show them."""
    return [as_fields(statement) for _, statement in reading.statements]


def day(text: str) -> date:
    return date.fromisoformat(text)
