"""Which format a file has, by its content and never by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from chalicelib.common.errors import InvalidRequest, Problem
from chalicelib.imports.formats.energy_charts import EnergyCharts
from chalicelib.imports.formats.entsoe import EntsoePrices
from chalicelib.imports.formats.epex_auction import EpexAuction
from chalicelib.imports.formats.faulty_mapping import FaultyMapping
from chalicelib.imports.formats.head import Head
from chalicelib.imports.formats.powerbot import PowerBot
from chalicelib.imports.formats.reading import Format
from chalicelib.imports.formats.reference_prices import ReferencePrices
from chalicelib.imports.formats.voltbook_v2 import VoltbookV2

AUTO: Final = "auto"
"""In place of a format's name: the one that the file is recognised by."""


class NotRecognised(InvalidRequest):
    code = "unknown_format"


class FormatInfo(NamedTuple):
    name: str
    kind: str
    recognised_by: str


def built_in() -> Sequence[Format]:
    """Return the formats that need no mapping."""
    return VoltbookV2(), PowerBot(), EntsoePrices(), EpexAuction(), EnergyCharts(), ReferencePrices()


def recognise(head: Head, mappings: Sequence[Format] = ()) -> Format:
    """Return the format of a file; raises NotRecognised with what was found and the nearest format.

    A mapping comes before a built-in format. Two mappings that both recognise a file are an error, not a choice. A file
    that a faulty mapping may describe raises InvalidMapping.
    """
    faulty = [form for form in mappings if isinstance(form, FaultyMapping)]
    formats = (*(form for form in mappings if form not in faulty), *built_in())
    found = [form for form in formats if form.mapping and form.recognises(head)]
    if not found and (meant := next((form for form in faulty if _may_be_of(form, head)), None)):
        raise meant.error
    found = found or [form for form in formats if form.recognises(head)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(form.name for form in found)
        raise NotRecognised(f"the file is recognised by {names}: add columns to one of them under recognise")
    raise NotRecognised(f"the file has no known format: found {head.describe()}; {nearest(head, formats)}")


def nearest(head: Head, formats: Sequence[Format]) -> str:
    if head.found and not head.is_json and not head.root:
        return "export it as CSV"
    best = max(formats, key=lambda form: form.likeness(head))
    if best.likeness(head):
        return f"nearest format: {best.name}, recognised by {best.recognised_by}"
    if head.found:
        return f"known formats: {', '.join(form.name for form in formats)}"
    return "nearest format: a mapping, which voltbook mapping new proposes"


def named(name: str, mappings: Sequence[Format] = ()) -> Format:
    """Return a format by its name, or by that of its mapping; raises InvalidRequest."""
    formats = {form.name: form for form in (*built_in(), *mappings)}
    by_mapping = {f"mapping:{form.mapping}": form for form in mappings}
    if (found := by_mapping.get(name) or formats.get(name)) is not None:
        if isinstance(found, FaultyMapping):
            raise found.error
        return found
    raise InvalidRequest(
        "the query has a problem",
        (Problem("format", f"must be auto or one of {', '.join(formats)}, got {name[:60]!r}"),),
    )


def _may_be_of(form: FaultyMapping, head: Head) -> bool:
    base = next((one for one in built_in() if one.name == form.base), form)
    return base.recognises(head)


def infos(mappings: Sequence[Format] = ()) -> Iterator[FormatInfo]:
    for form in {form.name: form for form in (*built_in(), *mappings)}.values():
        yield FormatInfo(form.name, form.kind.value, form.recognised_by)
