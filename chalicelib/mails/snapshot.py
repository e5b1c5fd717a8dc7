"""What a morning mail told of a delivery day, kept so that the next one knows whether there is anything new to tell."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from chalicelib.feeds.receipt import Receipt
from chalicelib.reports.columns import LINE

Json = Mapping[str, Any]

FIGURES: Final = ("pnl_eur", *(column.name for column in LINE if column.of_trades and column.name != "pnl_eur"))
"""The figures of a total that are told and compared, by their names in the report's JSON, the PnL first."""
_DATA: Final = ("state", "missing_files", "provisional_files", "quarantined_rows")
_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Corrections:
    """What all versions so far of a delivery day's two files changed: trades corrected, withdrawn, not confirmed."""

    corrected: int
    withdrawn: int
    unconfirmed: int


@dataclass(frozen=True, slots=True)
class Told:
    """State and total of a mail by name, and a `digest` of all that it told but for the time."""

    known: Mapping[str, Any]
    corrections: Corrections
    digest: str

    def as_text(self) -> str:
        """Give it as it is kept."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Change:
    """A figure, or the state, under its name in the report's JSON; lists as text, `-` for none."""

    name: str
    before: str
    after: str


def told_in(text: str) -> Told:
    """Read back what `as_text` gave."""
    kept = json.loads(text)
    return Told(kept["known"], Corrections(**kept["corrections"]), kept["digest"])


def told_of(report: Mapping[str, Any], corrections: Corrections, before: Told | None = None) -> Told:
    """Return what a mail tells of a one-day report in its JSON shape.

    The instants at which it was read and files came in are no news, nor is a column that the mail before did not have:
    where nothing else changed, the digest is that mail's.
    """
    data = {name: report["completeness"][name] for name in (*_DATA, "reasons") if name in report["completeness"]}
    [day] = report["days"]
    digest = _digest(data, day["periods"], report["traders"], report["total"])
    if before is not None and (new := set(FIGURES) - set(before.known)):
        hours, traders = ([_without(new, line) for line in lines] for lines in (day["periods"], report["traders"]))
        same = _digest(data, hours, traders, _without(new, report["total"])) == before.digest
        digest = before.digest if same else digest
    return Told(data | {name: report["total"][name] for name in FIGURES}, corrections, digest)


def _digest(data: Json, hours: Sequence[Json], traders: Sequence[Json], total: Json) -> str:
    said = {"data": data, "hours": hours, "traders": traders, "total": total}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def _without(names: Collection[str], line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in names}


def corrections_of(files: Sequence[Sequence[Receipt]]) -> Corrections:
    """Count what the versions of each file, newest first, corrected and withdrew."""
    versions = [receipt for file in files for receipt in file]
    newest = [file[0] for file in files if file]
    return Corrections(
        corrected=sum(receipt.corrected for receipt in versions),
        withdrawn=sum(receipt.withdrawn for receipt in versions),
        unconfirmed=sum(receipt.withdrawn for receipt in newest if receipt.confirmed_at is None),
    )


def changes(before: Told, after: Told) -> Iterator[Change]:
    """Give what differs in state and total, the state first and then the PnL, even where only one of them does."""
    for name in ("state", "pnl_eur"):
        yield Change(name, in_words(before.known[name]), in_words(after.known[name]))
    for name in (*_DATA, "reasons", *FIGURES):
        was, is_now = before.known.get(name), after.known.get(name)
        if was != is_now and name not in {"state", "pnl_eur"}:
            yield Change(name, in_words(was), in_words(is_now))


def in_words(value: object) -> str:
    """A figure as the mail shows it: `-` for none, days one after the other."""
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return "-" if value is None else str(value)
