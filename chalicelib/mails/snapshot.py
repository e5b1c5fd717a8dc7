"""The figures and states that a morning mail showed, stored so that the next mail can tell what changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from chalicelib.feeds.receipt import Receipt
from chalicelib.reports.columns import LINE

Json = Mapping[str, Any]

VALUE_FIGURES: Final = ("realised_eur", "unrealised_eur", "total_eur", "fees_eur", "net_pnl_eur")
"""The figures of a total that follow the PnL, which is named cash beside them."""
FIGURES: Final = ("pnl_eur", *(column.name for column in LINE if column.of_trades and column.name != "pnl_eur"))
"""The figures of a total that are compared, by their names in the report's JSON, the PnL first."""
_DATA: Final = ("state", "missing_files", "provisional_files", "quarantined_rows")
_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Corrections:
    """Rows corrected, trades withdrawn, and trades missing from the newest files whose withdrawal nobody confirmed.

    Mails of earlier releases also count the unconfirmed ones as withdrawn.
    """

    corrected: int
    withdrawn: int
    unconfirmed: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State and total of a mail by name, and a `digest` of its content without the times."""

    known: Mapping[str, Any]
    corrections: Corrections
    digest: str

    def as_text(self) -> str:
        return json.dumps(asdict(self))


def parse_snapshot(text: str) -> Snapshot:
    stored = json.loads(text)
    return Snapshot(stored["known"], Corrections(**stored["corrections"]), stored["digest"])


def snapshot_of(report: Json, corrections: Corrections, before: Snapshot | None = None) -> Snapshot:
    """Return the snapshot of a one-day report in its JSON shape.

    The digest ignores when the report was read and files arrived. If only columns are new that the snapshot before did
    not have, the digest stays the same.
    """
    data = {name: report["completeness"][name] for name in (*_DATA, "reasons") if name in report["completeness"]}
    digest = _digest(data, report)
    if before is not None and (new := {*FIGURES, *VALUE_FIGURES} - set(before.known)):
        digest = before.digest if _digest(data, report, new) == before.digest else digest
    known = {name: report["total"][name] for name in (*FIGURES, *VALUE_FIGURES) if name in report["total"]}
    return Snapshot(data | known, corrections, digest)


def _digest(data: Json, report: Json, left_out: Collection[str] = ()) -> str:
    def kept(line: Json) -> Json:
        return {name: value for name, value in line.items() if name not in left_out}

    [day] = report["days"]
    lines = {"hours": [*map(kept, day["periods"])], "traders": [*map(kept, report["traders"])]}
    content = {"data": data, **lines, "total": kept(report["total"])}
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def corrections_of(files: Sequence[Sequence[Receipt]]) -> Corrections:
    versions = [receipt for file in files for receipt in file]
    newest = [file[0] for file in files if file]
    return Corrections(
        corrected=sum(receipt.corrected for receipt in versions),
        withdrawn=sum(receipt.withdrawn - receipt.unconfirmed for receipt in versions),
        unconfirmed=sum(receipt.unconfirmed for receipt in newest),
    )


def changes(before: Snapshot, after: Snapshot) -> Iterator[tuple[str, str, str]]:
    """Yield name, before and after of the state and the PnL, changed or not, and then of all else that changed."""
    always = ("state", "pnl_eur")
    for name in dict.fromkeys((*always, *_DATA, "reasons", *FIGURES, *VALUE_FIGURES)):
        old, new = before.known.get(name), after.known.get(name)
        if old != new or name in always:
            yield name, in_words(old), in_words(new)


def in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return "-" if value is None else str(value)
